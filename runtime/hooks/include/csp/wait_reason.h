#pragma once
// Why an agent is parked. The words are Go's where Go has one, and are part of the public surface:
// dumps, leak reports and tests print them.

#include <cstdint>

namespace csp::hooks {

/// One value for each way to block; a value is never reused for another way.
enum class WaitReason : std::uint8_t {
  kNone,            // Not parked.
  kChanSend,        // On a full or unbuffered channel.
  kChanRecv,        // On an empty channel.
  kChanSendNil,     // On a nil channel: nothing can ever wake it.
  kChanRecvNil,     // On a nil channel: nothing can ever wake it.
  kSelect,          // On several channels at once.
  kSelectNoCases,   // select(): nothing can ever wake it.
  kMutexLock,       // Mutex::lock.
  kRwMutexLock,     // RwMutex::lock.
  kRwMutexRLock,    // RwMutex::lock_shared.
  kWaitGroupWait,   // WaitGroup::wait.
  kCondWait,        // Cond::wait.
  kSemaphore,       // Semaphore::acquire.
  kOnce,            // Once::call, while another caller runs the function.
  kSleep,           // sleep: a timer wakes it.
  kIo,              // Input or output: the kernel wakes it.
  kBlocking,        // In blocking(f): an OS thread works for it.
  kMainWait,        // A thread inside run(), waiting for the main goroutine.
};

/// The words for `reason`, as Go prints them in a goroutine's header. Static storage.
const char* words(WaitReason reason);

}  // namespace csp::hooks
