#include "csp/hooks.h"

#include "csp/inspect.h"

namespace csp::hooks {
namespace {

// A spin lock: install() is called a handful of times in a process, and nothing else may be assumed to work yet.
constinit std::atomic_flag install_lock;
constinit std::atomic<int> installed_count{0};
constinit const Observer* installed[kObserversMax] = {};

constinit std::atomic<const Inspector*> the_inspector{nullptr};
constinit std::atomic<const Prover*> the_prover{nullptr};

/// Calls `Verb` of every installed observer, in the order of their installation.
template <auto Verb>
struct FanOut;

template <class... Args, void (*Observer::*Verb)(Args...)>
struct FanOut<Verb> {
  static void call(Args... args) {
    // acquire: pairs with the release in install(), which comes after the slot was filled.
    const int count = installed_count.load(std::memory_order_acquire);
    for (int i = 0; i < count; ++i) (installed[i]->*Verb)(args...);
  }
};

template <auto Verb>
struct Ignore;

template <class... Args, void (*Observer::*Verb)(Args...)>
struct Ignore<Verb> {
  static void call(Args...) {}
};

template <template <auto> class To>
constexpr Observer each() {
  return Observer{
      .goroutine_created = To<&Observer::goroutine_created>::call,
      .goroutine_ended = To<&Observer::goroutine_ended>::call,
      .goroutine_resumed = To<&Observer::goroutine_resumed>::call,
      .goroutine_suspended = To<&Observer::goroutine_suspended>::call,
      .thread_attached = To<&Observer::thread_attached>::call,
      .thread_detached = To<&Observer::thread_detached>::call,
      .stack_assigned = To<&Observer::stack_assigned>::call,
      .acquire = To<&Observer::acquire>::call,
      .release = To<&Observer::release>::call,
      .release_merge = To<&Observer::release_merge>::call,
      .handoff = To<&Observer::handoff>::call,
      .read = To<&Observer::read>::call,
      .write = To<&Observer::write>::call,
      .locked = To<&Observer::locked>::call,
      .unlocked = To<&Observer::unlocked>::call,
      .lock_destroyed = To<&Observer::lock_destroyed>::call,
      .channel_made = To<&Observer::channel_made>::call,
      .channel_closed = To<&Observer::channel_closed>::call,
      .channel_destroyed = To<&Observer::channel_destroyed>::call,
      .parked = To<&Observer::parked>::call,
      .readied = To<&Observer::readied>::call,
      .run_returned = To<&Observer::run_returned>::call,
      .died = To<&Observer::died>::call,
  };
}

constinit const Observer fan_out = each<FanOut>();

}  // namespace

constinit const Observer kSilent = each<Ignore>();

namespace detail {
constinit std::atomic<const Observer*> current{nullptr};
}  // namespace detail

int install(const Observer* observer) {
  while (install_lock.test_and_set(std::memory_order_acquire)) {
  }
  const int index = installed_count.load(std::memory_order_relaxed);
  const bool room = index < kObserversMax;
  if (room) {
    installed[index] = observer;
    installed_count.store(index + 1, std::memory_order_release);
    // One listener is called directly, several through the fan-out.
    detail::current.store(index == 0 ? observer : &fan_out, std::memory_order_release);
  }
  install_lock.clear(std::memory_order_release);
  return room ? index : -1;
}

void offer(const Inspector* inspector) { the_inspector.store(inspector, std::memory_order_release); }
void offer(const Prover* prover) { the_prover.store(prover, std::memory_order_release); }
const Inspector* inspector() { return the_inspector.load(std::memory_order_acquire); }
const Prover* prover() { return the_prover.load(std::memory_order_acquire); }

const char* words(WaitReason reason) {
  switch (reason) {
    case WaitReason::kNone: return "";
    case WaitReason::kChanSend: return "chan send";
    case WaitReason::kChanRecv: return "chan receive";
    case WaitReason::kChanSendNil: return "chan send (nil chan)";
    case WaitReason::kChanRecvNil: return "chan receive (nil chan)";
    case WaitReason::kSelect: return "select";
    case WaitReason::kSelectNoCases: return "select (no cases)";
    case WaitReason::kMutexLock: return "sync.Mutex.Lock";
    case WaitReason::kRwMutexLock: return "sync.RWMutex.Lock";
    case WaitReason::kRwMutexRLock: return "sync.RWMutex.RLock";
    case WaitReason::kWaitGroupWait: return "sync.WaitGroup.Wait";
    case WaitReason::kCondWait: return "sync.Cond.Wait";
    case WaitReason::kSemaphore: return "semacquire";
    case WaitReason::kOnce: return "sync.Once.Do";
    case WaitReason::kSleep: return "sleep";
    case WaitReason::kIo: return "IO wait";
    case WaitReason::kBlocking: return "syscall";
    case WaitReason::kMainWait: return "waiting for main";
  }
  return "unknown";
}

}  // namespace csp::hooks
