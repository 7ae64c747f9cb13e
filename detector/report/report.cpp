#include "csp/report/report.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "csp/report/system.h"
#include "line_buffer.h"
#include "modules.h"
#include "render.h"

extern "C" char** environ;

namespace csp::report {
namespace {

constexpr const char* kSchema = "csp-race/record/1";

// The state of the channel out of this process.
//
// Invariants
//   (1) Everything is guarded by `lock` but the counters, which are atomic.
//   (2) pid is the process for which a begin record was written (or would have been, without a file);
//       when it is not getpid(), we are in a forked child that has said nothing yet.
//   (3) What is written to the file is always a whole number of lines, unless torn is set.
struct Sink {
  SignalSafeLock lock;
  LineBuffer buffer;
  ModuleTable modules;
  std::int64_t pid = 0;
  std::size_t modules_written = 0;
  Begin what;
  bool ended = false;
  char path[4096] = {};  // "" when there is no record file.
  int fd = -1;
  std::uint64_t device = 0;  // Identity of the file behind fd: programs close and reuse descriptors they do
  std::uint64_t inode = 0;   // not know.
  bool torn = false;         // The last line was cut short: the next one starts on a new line.
  bool complained = false;
  bool hinted = false;
  std::uint32_t number = 0;
  std::uint32_t published = 0;
  End totals;
  std::uint64_t lost = 0;  // Records that could not be written.
};

constinit Sink sink;

const char* environment(const char* name) {
  if (environ == nullptr) return nullptr;
  const std::size_t size = length(name);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::size_t i = 0;
    while (i < size && (*entry)[i] == name[i]) ++i;
    if (i == size && (*entry)[i] == '=') return *entry + size + 1;
  }
  return nullptr;
}

// Writes all of it unless the system refuses: -errno then.
long write_all(long fd, const char* data, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const long written = system_call(SYS_write, fd, data + done, size - done);
    if (written == -EINTR || written == -EAGAIN) continue;
    if (written < 0) return written;
    done += static_cast<std::size_t>(written);
  }
  return 0;
}

// Once in a process, on stderr: somebody must learn that the file is incomplete.
void complain(const char* problem, long error) {
  if (sink.complained) return;
  sink.complained = true;
  char text[4400];
  std::size_t size = 0;
  const auto put = [&](const char* part) {
    while (*part != '\0' && size < sizeof text) text[size++] = *part++;
  };
  put("csp-race: ");
  put(problem);
  put(" ");
  put(sink.path);
  if (error < 0) {
    put(", errno ");
    char digits[] = {static_cast<char>('0' + -error / 100 % 10), static_cast<char>('0' + -error / 10 % 10),
                     static_cast<char>('0' + -error % 10), '\0'};
    const char* first = digits;
    while (*first == '0' && first[1] != '\0') ++first;
    put(first);
  }
  put("; some findings are lost\n");
  write_all(2, text, size);
}

bool identify(long fd, std::uint64_t* device, std::uint64_t* inode) {
  struct stat status;
  if (system_call(SYS_fstat, fd, &status) < 0) return false;
  *device = status.st_dev;
  *inode = status.st_ino;
  return true;
}

// A descriptor of the record file, opened anew when the program has closed or replaced ours. -errno without one.
long record_descriptor() {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  if (sink.fd >= 0 && identify(sink.fd, &device, &inode) && device == sink.device && inode == sink.inode)
    return sink.fd;
  const long opened = system_call(SYS_openat, AT_FDCWD, sink.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (opened < 0) return opened;
  // Out of the way of programs that count on the lowest numbers.
  constexpr int kHigh = 512;
  const long moved = system_call(SYS_fcntl, opened, F_DUPFD_CLOEXEC, kHigh);
  if (moved >= 0) system_call(SYS_close, opened);
  sink.fd = static_cast<int>(moved >= 0 ? moved : opened);
  identify(sink.fd, &sink.device, &sink.inode);
  return sink.fd;
}

// Sends the line in the buffer to the record file. -errno when it did not arrive whole.
long write_line() {
  if (sink.buffer.overflowed()) return -EMSGSIZE;
  const long fd = record_descriptor();
  if (fd < 0) return fd;
  if (sink.torn) write_all(fd, "\n", 1);
  const long error = write_all(fd, sink.buffer.data(), sink.buffer.size());
  sink.torn = error < 0;
  return error;
}

void send_line() {
  sink.buffer.put('\n');
  if (const long error = write_line(); error < 0) {
    ++sink.lost;
    complain("cannot write to", error);
  }
  sink.buffer.finish();
}

// Runs `write(object)` on a new record of type `type` and sends it. With a record file only.
template <class Write>
void send_record(const char* type, Write write) {
  if (!sink.buffer.start()) {
    ++sink.lost;
    complain("no memory to write to", 0);
    return;
  }
  {
    JsonObject record(sink.buffer);
    record.text("t", type);
    record.number("pid", sink.pid);
    write(record);
  }
  send_line();
}

void write_arguments(JsonObject& record) {
  const long fd = system_call(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  static char arguments[64 * 1024];  // Guarded by sink.lock.
  std::size_t size = 0;
  while (size < sizeof arguments) {
    const long got = system_call(SYS_read, fd, arguments + size, sizeof arguments - size);
    if (got == -EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  system_call(SYS_close, fd);
  LineBuffer& out = record.key("argv");
  out.put('[');
  for (std::size_t at = 0; at < size;) {
    std::size_t end = at;
    while (end < size && arguments[end] != '\0') ++end;
    if (at != 0) out.put(',');
    put_json_string(out, arguments + at, end - at);
    at = end + 1;
  }
  out.put(']');
}

void write_begin() {
  send_record("begin", [](JsonObject& record) {
    char path[4096];
    record.text("schema", kSchema);
    record.number("ppid", static_cast<std::int64_t>(system_call(SYS_getppid)));
    const long size = system_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    record.text("exe", path);
    write_arguments(record);
    if (system_call(SYS_getcwd, path, sizeof path) > 0) record.text("cwd", path);
    record.boolean("detector", sink.what.detector);
    record.boolean("runtime", sink.what.runtime);
  });
}

void write_new_modules() {
  if (sink.path[0] == '\0') return;
  for (; sink.modules_written < sink.modules.size(); ++sink.modules_written) {
    const Module& module = sink.modules[sink.modules_written];
    send_record("module", [&](JsonObject& record) {
      record.text("path", module.path);
      // Zero for an executable that is not position-independent: it has to be said.
      LineBuffer& out = record.key("bias");
      out.put('"');
      out.put_hex(module.bias);
      out.put('"');
      record.address("low", module.low);
      record.address("high", module.high);
      record.hex_bytes("build_id", module.build_id, module.build_id_size);
    });
  }
}

// Makes this process the one that speaks: opens the file, says who we are. Holding sink.lock. True when it was news.
bool speak_for_this_process() {
  const std::int64_t pid = system_call(SYS_getpid);
  if (sink.pid == pid) return false;
  if (sink.pid == 0) {
    const char* path = environment("CSP_RACE_RECORD");
    if (path != nullptr && length(path) < sizeof sink.path) copy(sink.path, sizeof sink.path, path);
  }
  // A child numbers and counts its own findings from the start.
  sink.pid = pid;
  sink.modules_written = 0;
  sink.number = 0;
  __atomic_store_n(&sink.published, 0, __ATOMIC_RELAXED);
  sink.totals = End{};
  sink.lost = 0;
  sink.ended = false;
  if (sink.path[0] != '\0') write_begin();
  return true;
}

void add(std::uint64_t& total, std::uint64_t amount) { __atomic_fetch_add(&total, amount, __ATOMIC_RELAXED); }

}  // namespace

void begin(const Begin& what) {
  {
    SignalSafeGuard guard(sink.lock);
    const bool brings_more = (what.detector && !sink.what.detector) || (what.runtime && !sink.what.runtime);
    sink.what.detector |= what.detector;
    sink.what.runtime |= what.runtime;
    // A second begin record of the same process replaces the first: it differs in what is linked alone.
    if (!speak_for_this_process() && brings_more && sink.path[0] != '\0') write_begin();
  }
  refresh_modules();
}

void refresh_modules() {
  std::size_t count = 0;
  Module* found = ModuleTable::collect(&count);
  SignalSafeGuard guard(sink.lock);
  speak_for_this_process();
  if (found == nullptr || !sink.modules.merge(found, count)) ++sink.lost;
  ModuleTable::release(found);
  write_new_modules();
}

std::uint32_t publish(const Finding& finding) {
  SignalSafeGuard guard(sink.lock);
  speak_for_this_process();
  write_new_modules();  // A forked child that never called begin() needs them as much.
  const std::uint32_t number = ++sink.number;
  if (finding.grade != Grade::kNote) __atomic_fetch_add(&sink.published, 1, __ATOMIC_RELAXED);
  if (!sink.buffer.start()) {
    ++sink.lost;
    complain("no memory to write to", 0);
    return number;
  }
  if (sink.path[0] != '\0') {
    render_record(sink.buffer, sink.pid, number, finding);
    send_line();
    return number;
  }
  render_text(sink.buffer, sink.modules, finding);
  if (!sink.hinted) sink.buffer.put("csp-race: run it under csp-race for names and source lines\n");
  sink.hinted = true;
  if (write_all(2, sink.buffer.data(), sink.buffer.size()) < 0) ++sink.lost;
  sink.buffer.finish();
  return number;
}

void publish_count(std::uint32_t number, std::uint64_t count) {
  SignalSafeGuard guard(sink.lock);
  speak_for_this_process();
  if (sink.path[0] == '\0') return;
  send_record("count", [&](JsonObject& record) {
    record.number("number", std::uint64_t{number});
    record.number("count", count);
  });
}

std::uint32_t published() { return __atomic_load_n(&sink.published, __ATOMIC_RELAXED); }

void add_totals(const End& totals) {
  add(sink.totals.goroutines, totals.goroutines);
  add(sink.totals.threads, totals.threads);
  add(sink.totals.suppressed, totals.suppressed);
  add(sink.totals.lost, totals.lost);
}

void end() {
  SignalSafeGuard guard(sink.lock);
  speak_for_this_process();
  if (sink.path[0] == '\0' || sink.ended) return;
  sink.ended = true;
  send_record("end", [](JsonObject& record) {
    record.number("goroutines", sink.totals.goroutines);
    record.number("threads", sink.totals.threads);
    record.number("suppressed", sink.totals.suppressed);
    record.number("lost", sink.totals.lost + sink.lost);
  });
}

bool has_reader() {
  SignalSafeGuard guard(sink.lock);
  if (sink.pid == 0) {
    const char* path = environment("CSP_RACE_RECORD");
    return path != nullptr && path[0] != '\0';
  }
  return sink.path[0] != '\0';
}

}  // namespace csp::report
