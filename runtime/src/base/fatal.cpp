#include "base/fatal.h"

#include <atomic>
#include <cerrno>
#include <cstdio>

#include <unistd.h>

#include "base/futex.h"

namespace csp::rt {
namespace {

constexpr int kStatus = 2;

constinit std::atomic<bool> dying{false};
constinit std::atomic<void (*)(DyingWords&)> caller_printer{nullptr};

/// What the program has printed so far belongs before our words. Its streams may be locked by a thread that
/// never runs again, so only what is free is flushed.
void flush_output() {
  for (FILE* stream : {stdout, stderr}) {
    if (ftrylockfile(stream) != 0) continue;
    fflush_unlocked(stream);
    funlockfile(stream);
  }
}

}  // namespace

void set_caller_printer(void (*print)(DyingWords& words)) { caller_printer.store(print, std::memory_order_release); }

DyingWords::DyingWords(hooks::Death death, const char* prefix, const char* message) {
  if (dying.exchange(true, std::memory_order_acq_rel)) {
    std::atomic<std::uint32_t> never{0};
    for (;;) futex_wait(never, 0);
  }
  if (death != hooks::Death::kStackOverflow) flush_output();  // A signal handler must not touch streams.
  hooks::announce(&hooks::Observer::died, death, message);
  text(prefix).text(message).text("\n\n");
}

DyingWords& DyingWords::text(const char* text) {
  for (; *text != '\0'; ++text) put(*text);
  return *this;
}

DyingWords& DyingWords::number(unsigned long long value, unsigned base) {
  char digits[24];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  while (count > 0) put(digits[--count]);
  return *this;
}

void DyingWords::put(char c) {
  if (size_ == sizeof(buffer_)) flush();
  buffer_[size_++] = c;
}

void DyingWords::flush() {
  for (unsigned done = 0; done < size_;) {
    const ssize_t written = write(STDERR_FILENO, buffer_ + done, size_ - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;  // Nobody reads: we die all the same.
    done += static_cast<unsigned>(written);
  }
  size_ = 0;
}

void DyingWords::die() {
  flush();
  _exit(kStatus);
}

void fatal(const char* message) {
  DyingWords words(hooks::Death::kFatal, "fatal error: ", message);
  if (auto* print = caller_printer.load(std::memory_order_acquire)) print(words);
  words.die();
}

}  // namespace csp::rt
