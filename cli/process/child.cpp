#include "process/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "error.h"

namespace csp::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array kForwarded = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
constexpr std::array kIgnored = {SIGINT, SIGQUIT};

// The handler's only way to know the child. Set while kForwarded are blocked.
volatile sig_atomic_t forward_to = 0;

void forward(int signal) {
  const int saved = errno;
  if (forward_to > 0) kill(static_cast<pid_t>(forward_to), signal);
  errno = saved;
}

// Dispositions and mask while a child runs, and the former ones for the child and for afterwards.
class SignalScope {
 public:
  SignalScope() {
    sigset_t block;
    sigemptyset(&block);
    for (const int signal : kForwarded) sigaddset(&block, signal);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_BLOCK, &block, &mask_);
    struct sigaction action {};
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_IGN;
    for (std::size_t i = 0; i < kIgnored.size(); ++i) sigaction(kIgnored[i], &action, &ignored_[i]);
    action.sa_handler = forward;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kForwarded.size(); ++i) {
      sigaction(kForwarded[i], nullptr, &forwarded_[i]);
      // What we inherited as ignored (nohup) stays ignored, for the child too.
      if (forwarded_[i].sa_handler != SIG_IGN) sigaction(kForwarded[i], &action, nullptr);
    }
  }
  ~SignalScope() { restore(); }
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

  /// From here on signals reach the child.
  void child_is(pid_t pid) {
    forward_to = pid;
    sigset_t open;
    sigemptyset(&open);
    for (const int signal : kForwarded) sigaddset(&open, signal);
    sigprocmask(SIG_UNBLOCK, &open, nullptr);
  }

  /// Also called in the child, between fork and exec: async-signal-safe.
  void restore() {
    forward_to = 0;
    for (std::size_t i = 0; i < kIgnored.size(); ++i) sigaction(kIgnored[i], &ignored_[i], nullptr);
    for (std::size_t i = 0; i < kForwarded.size(); ++i) sigaction(kForwarded[i], &forwarded_[i], nullptr);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

 private:
  sigset_t mask_{};
  std::array<struct sigaction, kIgnored.size()> ignored_{};
  std::array<struct sigaction, kForwarded.size()> forwarded_{};
};

std::vector<char*> c_words(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const Environment& additions) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : additions) replaced = replaced || text.starts_with(name + "=");
    if (!replaced) result.emplace_back(text);
  }
  for (const auto& [name, value] : additions) result.push_back(name + "=" + value);
  return result;
}

[[noreturn]] void throw_cannot_execute(const std::string& program, int error) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const bool is_path = program.find('/') != std::string::npos;
  if (error == ENOENT && !(is_path && fs::exists(program, ignored))) {
    std::string help = "check the path";
    if (!is_path) {
      help = fs::exists(program, ignored) ? fmt::format("there is one in this directory: csp-race ./{}", program)
                                          : "no program in $PATH and no command of ours has that name: csp-race --help";
    }
    throw Error(program + ": not found", help, kExitNotFound);
  }
  if (error == ENOENT) {
    throw Error(program + ": cannot execute: its interpreter or loader does not exist",
                "see `head -1` or `readelf -l` of it", kExitCannotExecute);
  }
  std::string help = "check that it is a program for this machine";
  if (fs::is_directory(program, ignored)) {
    help = "it is a directory: name the program in it";
  } else if (error == EACCES) {
    help = fmt::format("make it executable: chmod +x {}", program);
  }
  throw Error(fmt::format("{}: cannot execute: {}", program, std::strerror(error)), help, kExitCannotExecute);
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_write();
    if (read_end >= 0) close(read_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_write() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }
};

// Blocks until the writers have gone.
std::string read_all(int fd) {
  std::string result;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n > 0) {
      result.append(buffer.data(), static_cast<std::size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      return result;
    }
  }
}

// Forks and executes. `output` becomes the standard output unless it is -1. Throws when exec fails.
pid_t start(const std::vector<std::string>& argv, const Environment& environment, SignalScope& signals, int output) {
  const std::vector<char*> words = c_words(argv);
  const std::vector<std::string> merged = merged_environment(environment);
  const std::vector<char*> variables = c_words(merged);
  Pipe failure;  // Closed by a successful exec; carries errno otherwise.
  const pid_t pid = fork();
  if (pid < 0) throw Error(fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (pid == 0) {
    signals.restore();
    if (output >= 0) dup2(output, STDOUT_FILENO);
    execvpe(words[0], words.data(), variables.data());
    const int error = errno;
    if (write(failure.write_end, &error, sizeof error) != sizeof error) _exit(kExitCannotExecute);
    _exit(kExitNotFound);
  }
  failure.close_write();
  signals.child_is(pid);
  const std::string answer = read_all(failure.read_end);
  if (answer.size() == sizeof(int)) {
    int error = 0;
    std::memcpy(&error, answer.data(), sizeof error);
    waitpid(pid, nullptr, 0);
    throw_cannot_execute(argv[0], error);
  }
  return pid;
}

void take_status(int status, Ended& ended) {
  if (WIFSIGNALED(status)) {
    ended.signal = WTERMSIG(status);
  } else {
    ended.exit = WEXITSTATUS(status);
  }
}

// Waits for `pid`, collecting others that we have inherited meanwhile.
Ended wait_for(pid_t pid) {
  Ended ended;
  for (;;) {
    int status = 0;
    const pid_t who = waitpid(-1, &status, 0);
    if (who == pid) {
      take_status(status, ended);
      return ended;
    }
    if (who < 0 && errno != EINTR) throw Error(fmt::format("lost the program: {}", std::strerror(errno)));
  }
}

// Returns whether any still runs. SIGCHLD is blocked, and waited for here.
bool wait_for_descendants(std::chrono::milliseconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    pid_t who = 0;
    do {
      who = waitpid(-1, nullptr, WNOHANG);
    } while (who > 0);
    if (who < 0) return false;
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now());
    if (left.count() <= 0) return true;
    const timespec timeout{static_cast<time_t>(left.count() / 1'000'000'000),
                           static_cast<long>(left.count() % 1'000'000'000)};
    sigtimedwait(&child, nullptr, &timeout);
  }
}

}  // namespace

int Ended::status() const { return signal ? kExitSignalBase + *signal : exit.value_or(kExitFailure); }

Ended run_child(const std::vector<std::string>& argv, const Environment& environment,
                std::chrono::milliseconds patience) {
  // Orphans of the program come to us, so that their records are complete when we read them.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  SignalScope signals;
  const Clock::time_point begun = Clock::now();
  const pid_t pid = start(argv, environment, signals, -1);
  Ended ended = wait_for(pid);
  ended.wall = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  ended.left_running = wait_for_descendants(patience);
  return ended;
}

std::string capture_child(const std::vector<std::string>& argv, Ended& ended) {
  SignalScope signals;
  Pipe output;
  const pid_t pid = start(argv, {}, signals, output.write_end);
  output.close_write();
  std::string text = read_all(output.read_end);
  ended = wait_for(pid);
  return text;
}

void become(const std::vector<std::string>& argv) {
  const std::vector<char*> words = c_words(argv);
  execvp(words[0], words.data());
  throw_cannot_execute(argv[0], errno);
}

}  // namespace csp::cli
