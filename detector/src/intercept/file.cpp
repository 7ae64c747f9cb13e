// Reading, writing and closing file descriptors: what was done before bytes went in happens before what is done after
// they came out. The buffers are read and written in the user's name.
//
// Which descriptors belong together (two ends of a pipe, a duplicate, one inherited by a child) the kernel
// knows: they share an inode. So an object is found by inode and there is no table to keep. All sockets are one object,
// as are the kernel's anonymous files (eventfd, epoll, ...): the ends of a connection have inodes of their own. That
// may order too much, never too little. Terminals and other devices order nothing.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/system_calls.h"
#include "intercept/families.h"
#include "intercept/memory.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

// Synchronisation objects: only their addresses count. Two inodes that share one order each other.
constexpr unsigned kObjectBits = 12;
alignas(8) char objects[std::size_t{1} << kObjectBits][8];

constexpr Address kNone = 0;

/// 0 when the descriptor orders nothing, or is none. Leaves errno alone.
Address object_of(int descriptor) {
  struct stat status;
  if (failed(system_call(SYS_fstat, descriptor, reinterpret_cast<long>(&status)))) return kNone;
  switch (status.st_mode & S_IFMT) {
    case S_IFSOCK:
      return address_of(&objects[0]);
    case 0:
      return address_of(&objects[1]);  // Anonymous.
    case S_IFIFO:
    case S_IFREG: {
      const std::uint64_t key = (status.st_ino ^ status.st_dev << 48) * 0x9e3779b97f4a7c15u;
      return address_of(&objects[2 + (key >> (64 - kObjectBits)) % ((std::size_t{1} << kObjectBits) - 2)]);
    }
    default:
      return kNone;
  }
}

/// Before bytes, or the news of an end, may come out elsewhere.
void giving(int descriptor) {
  if (bypass()) return;
  if (const Address object = object_of(descriptor); object != kNone) release_merge(object);
}

/// After they came out here.
void taken(int descriptor) {
  if (const Address object = object_of(descriptor); object != kNone) acquire(object);
}

/// `result` bytes were read into `buffer`, or none at an end, or it failed.
ssize_t was_read(int descriptor, void* buffer, ssize_t result, Address pc) {
  if (result < 0 || bypass()) return result;
  taken(descriptor);
  if (checks_memory(pc)) write_by_library(static_cast<char*>(buffer), static_cast<std::size_t>(result), pc);
  return result;
}

ssize_t was_read(int descriptor, const iovec* parts, std::size_t count, ssize_t result, Address pc) {
  if (result < 0 || bypass()) return result;
  taken(descriptor);
  if (!checks_memory(pc)) return result;
  auto left = static_cast<std::size_t>(result);
  for (std::size_t i = 0; i < count && left != 0; ++i) {
    const std::size_t size = parts[i].iov_len < left ? parts[i].iov_len : left;
    write_by_library(static_cast<char*>(parts[i].iov_base), size, pc);
    left -= size;
  }
  return result;
}

void writing(int descriptor, const void* buffer, std::size_t size, Address pc) {
  if (checks_memory(pc)) read_by_library(static_cast<const char*>(buffer), size, pc);
  giving(descriptor);
}

void writing(int descriptor, const iovec* parts, std::size_t count, Address pc) {
  if (checks_memory(pc)) {
    for (std::size_t i = 0; i < count; ++i)
      read_by_library(static_cast<char*>(parts[i].iov_base), parts[i].iov_len, pc);
  }
  giving(descriptor);
}

}  // namespace

void initialize_file() {}

extern "C" {

CSP_INTERCEPT(ssize_t, read, int descriptor, void* buffer, std::size_t size) {
  return was_read(descriptor, buffer, real_read(descriptor, buffer, size), CSP_CALLER_PC);
}

CSP_INTERCEPT(ssize_t, pread, int descriptor, void* buffer, std::size_t size, off_t offset) {
  return was_read(descriptor, buffer, real_pread(descriptor, buffer, size, offset), CSP_CALLER_PC);
}

CSP_INTERCEPT(ssize_t, pread64, int descriptor, void* buffer, std::size_t size, off_t offset) {
  return was_read(descriptor, buffer, real_pread64(descriptor, buffer, size, offset), CSP_CALLER_PC);
}

CSP_INTERCEPT(ssize_t, readv, int descriptor, const iovec* parts, int count) {
  return was_read(descriptor, parts, static_cast<std::size_t>(count), real_readv(descriptor, parts, count),
                  CSP_CALLER_PC);
}

CSP_INTERCEPT(ssize_t, recv, int descriptor, void* buffer, std::size_t size, int flags) {
  const ssize_t result = real_recv(descriptor, buffer, size, flags);
  // With MSG_TRUNC the result may be more than the buffer took.
  const ssize_t received = result > 0 && static_cast<std::size_t>(result) > size ? static_cast<ssize_t>(size) : result;
  was_read(descriptor, buffer, received, CSP_CALLER_PC);
  return result;
}

CSP_INTERCEPT(ssize_t, recvfrom, int descriptor, void* buffer, std::size_t size, int flags, sockaddr* address,
              socklen_t* address_size) {
  const ssize_t result = real_recvfrom(descriptor, buffer, size, flags, address, address_size);
  const ssize_t received = result > 0 && static_cast<std::size_t>(result) > size ? static_cast<ssize_t>(size) : result;
  was_read(descriptor, buffer, received, CSP_CALLER_PC);
  return result;
}

CSP_INTERCEPT(ssize_t, recvmsg, int descriptor, msghdr* message, int flags) {
  const ssize_t result = real_recvmsg(descriptor, message, flags);
  return was_read(descriptor, message->msg_iov, message->msg_iovlen, result, CSP_CALLER_PC);
}

CSP_INTERCEPT(ssize_t, write, int descriptor, const void* buffer, std::size_t size) {
  writing(descriptor, buffer, size, CSP_CALLER_PC);
  return real_write(descriptor, buffer, size);
}

CSP_INTERCEPT(ssize_t, pwrite, int descriptor, const void* buffer, std::size_t size, off_t offset) {
  writing(descriptor, buffer, size, CSP_CALLER_PC);
  return real_pwrite(descriptor, buffer, size, offset);
}

CSP_INTERCEPT(ssize_t, pwrite64, int descriptor, const void* buffer, std::size_t size, off_t offset) {
  writing(descriptor, buffer, size, CSP_CALLER_PC);
  return real_pwrite64(descriptor, buffer, size, offset);
}

CSP_INTERCEPT(ssize_t, writev, int descriptor, const iovec* parts, int count) {
  writing(descriptor, parts, static_cast<std::size_t>(count), CSP_CALLER_PC);
  return real_writev(descriptor, parts, count);
}

CSP_INTERCEPT(ssize_t, send, int descriptor, const void* buffer, std::size_t size, int flags) {
  writing(descriptor, buffer, size, CSP_CALLER_PC);
  return real_send(descriptor, buffer, size, flags);
}

CSP_INTERCEPT(ssize_t, sendto, int descriptor, const void* buffer, std::size_t size, int flags, const sockaddr* address,
              socklen_t address_size) {
  writing(descriptor, buffer, size, CSP_CALLER_PC);
  return real_sendto(descriptor, buffer, size, flags, address, address_size);
}

CSP_INTERCEPT(ssize_t, sendmsg, int descriptor, const msghdr* message, int flags) {
  writing(descriptor, message->msg_iov, message->msg_iovlen, CSP_CALLER_PC);
  return real_sendmsg(descriptor, message, flags);
}

CSP_INTERCEPT(int, connect, int descriptor, const sockaddr* address, socklen_t address_size) {
  giving(descriptor);
  return real_connect(descriptor, address, address_size);
}

CSP_INTERCEPT(int, accept, int descriptor, sockaddr* address, socklen_t* address_size) {
  const int accepted = real_accept(descriptor, address, address_size);
  if (accepted >= 0 && !bypass()) taken(accepted);
  return accepted;
}

CSP_INTERCEPT(int, accept4, int descriptor, sockaddr* address, socklen_t* address_size, int flags) {
  const int accepted = real_accept4(descriptor, address, address_size, flags);
  if (accepted >= 0 && !bypass()) taken(accepted);
  return accepted;
}

CSP_INTERCEPT(int, shutdown, int descriptor, int how) {
  giving(descriptor);
  return real_shutdown(descriptor, how);
}

// The other end reads the end of the stream.
CSP_INTERCEPT(int, close, int descriptor) {
  giving(descriptor);
  return real_close(descriptor);
}

CSP_INTERCEPT(int, eventfd_write, int descriptor, std::uint64_t value) {
  giving(descriptor);
  return real_eventfd_write(descriptor, value);
}

CSP_INTERCEPT(int, eventfd_read, int descriptor, std::uint64_t* value) {
  const int result = real_eventfd_read(descriptor, value);
  was_read(descriptor, value, result == 0 ? static_cast<ssize_t>(sizeof *value) : -1, CSP_CALLER_PC);
  return result;
}

// What was done before a descriptor was registered happens before the news that it is ready.
CSP_INTERCEPT(int, epoll_ctl, int epoll, int operation, int descriptor, epoll_event* event) {
  giving(epoll);
  return real_epoll_ctl(epoll, operation, descriptor, event);
}

CSP_INTERCEPT(int, epoll_wait, int epoll, epoll_event* events, int max, int timeout) {
  const int ready = real_epoll_wait(epoll, events, max, timeout);
  if (ready > 0) was_read(epoll, events, static_cast<ssize_t>(sizeof *events) * ready, CSP_CALLER_PC);
  return ready;
}

CSP_INTERCEPT(int, epoll_pwait, int epoll, epoll_event* events, int max, int timeout, const sigset_t* mask) {
  const int ready = real_epoll_pwait(epoll, events, max, timeout, mask);
  if (ready > 0) was_read(epoll, events, static_cast<ssize_t>(sizeof *events) * ready, CSP_CALLER_PC);
  return ready;
}

}  // extern "C"
}  // namespace csp::race
