#include "base/symbolize.h"

#include <cstdlib>

#include <cxxabi.h>
#include <dlfcn.h>

#include "base/spin_lock.h"
#include "csp/hooks.h"

// libbacktrace comes with GCC, and its header is on GCC's include path only: these are its functions, as documented
// there.
extern "C" {
struct backtrace_state;
using backtrace_error_callback = void (*)(void* data, const char* message, int error);
using backtrace_full_callback = int (*)(void* data, std::uintptr_t pc, const char* file, int line,
                                        const char* function);
using backtrace_syminfo_callback = void (*)(void* data, std::uintptr_t pc, const char* name, std::uintptr_t value,
                                            std::uintptr_t size);
backtrace_state* backtrace_create_state(const char* file, int threaded, backtrace_error_callback error, void* data);
int backtrace_pcinfo(backtrace_state* state, std::uintptr_t pc, backtrace_full_callback callback,
                     backtrace_error_callback error, void* data);
int backtrace_syminfo(backtrace_state* state, std::uintptr_t pc, backtrace_syminfo_callback callback,
                      backtrace_error_callback error, void* data);
}

namespace csp::rt {
namespace {

/// What cannot be read is shown as module and offset instead, so there is nothing to say about it.
void ignore_error(void*, const char*, int) {}

constinit SpinLock lock;
constinit backtrace_state* the_state = nullptr;  // Guarded by lock. Never freed: libbacktrace has no way to.

/// Frees what __cxa_demangle made.
class Demangled {
 public:
  explicit Demangled(const char* name) : name_(name) {
    if (name == nullptr) return;
    int status = 0;
    const bool mangled = name[0] == '_' && name[1] == 'Z';
    if (mangled) demangled_ = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  }
  Demangled(const Demangled&) = delete;
  Demangled& operator=(const Demangled&) = delete;
  ~Demangled() { std::free(demangled_); }
  const char* get() const { return demangled_ != nullptr ? demangled_ : name_ != nullptr ? name_ : ""; }

 private:
  const char* name_;
  char* demangled_ = nullptr;
};

struct Query {
  void (*visit)(void* context, const Symbol& symbol);
  void* context;
  std::uintptr_t pc;
  std::uintptr_t start = 0;           // Of the function; 0 when unknown.
  const char* symbol_name = nullptr;  // From the symbol table.
  // The line found last. libbacktrace keeps the strings.
  bool found = false;
  const char* file = "";
  int line = 0;
  const char* function = nullptr;
};

void on_symbol(void* data, std::uintptr_t, const char* name, std::uintptr_t value, std::uintptr_t) {
  auto& query = *static_cast<Query*>(data);
  query.symbol_name = name;
  query.start = value;
}

/// libbacktrace puts the directory of the compilation in front of names that DWARF 5 has in full: "/build//src/a.cpp".
const char* as_compiled(const char* file) {
  for (const char* at = file; *at != '\0'; ++at) {
    if (at[0] == '/' && at[1] == '/') return at + 1;
  }
  return file;
}

/// Visits the line found last. `function` is what its debug information calls it.
void visit_line(Query& query, const char* function) {
  if (!query.found) return;
  const Demangled name(function);
  query.visit(query.context, {name.get(), query.file, query.line, query.pc - query.start});
}

int on_line(void* data, std::uintptr_t, const char* file, int line, const char* function) {
  auto& query = *static_cast<Query*>(data);
  if (function == nullptr && file == nullptr) return 0;
  visit_line(query, query.function);  // One late: only the last is not inlined.
  query.found = true;
  query.file = file != nullptr ? as_compiled(file) : "";
  query.line = line;
  query.function = function;
  return 0;
}

void visit_module(Query& query) {
  Dl_info info{};
  const bool known = dladdr(reinterpret_cast<void*>(query.pc), &info) != 0;
  const Demangled name(query.symbol_name != nullptr ? query.symbol_name : known ? info.dli_sname : nullptr);
  const auto base = query.symbol_name != nullptr         ? query.start
                    : known && info.dli_sname != nullptr ? reinterpret_cast<std::uintptr_t>(info.dli_saddr)
                    : known                              ? reinterpret_cast<std::uintptr_t>(info.dli_fbase)
                                                         : 0;
  query.visit(query.context, {name.get(), known ? info.dli_fname : "", 0, query.pc - base});
}

}  // namespace

void symbolize(const void* pc, void (*visit)(void* context, const Symbol& symbol), void* context) {
  Query query{.visit = visit, .context = context, .pc = reinterpret_cast<std::uintptr_t>(pc)};
  const std::uintptr_t call =
      query.pc - 1;  // A return address may be past the end of the caller's line, or of the caller.
  lock.lock();
  // libbacktrace calls functions of libc that a detector may watch: it shall see that the lock orders them.
  hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(&lock));
  if (the_state == nullptr) the_state = backtrace_create_state(nullptr, 1, ignore_error, nullptr);
  if (the_state != nullptr) {
    backtrace_syminfo(the_state, call, on_symbol, ignore_error, &query);
    backtrace_pcinfo(the_state, call, on_line, ignore_error, &query);
  }
  if (query.found) {
    // GCC leaves out the linkage names of functions that are not exported; the symbol table has them.
    visit_line(query, query.symbol_name != nullptr ? query.symbol_name : query.function);
  } else {
    visit_module(query);
  }
  hooks::announce(&hooks::Observer::release, static_cast<const void*>(&lock));
  lock.unlock();
}

void qualified_name(const char* function, char* out, std::size_t size) {
  // At depth 0 of all brackets a '(' opens the parameters and a space ends the return type. "(anonymous
  // namespace)" and "{lambda(int)#1}" are parts of a name; "operator()" and "operator new" are names.
  std::size_t begin = 0;
  std::size_t end = 0;
  int depth = 0;
  bool in_operator = false;
  std::size_t i = 0;
  const auto starts = [&](const char* word) {
    std::size_t n = 0;
    while (word[n] != '\0' && function[i + n] == word[n]) ++n;
    return word[n] == '\0';
  };
  const auto is_word = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  for (; function[i] != '\0'; ++i) {
    const char c = function[i];
    if (depth == 0 && starts("operator") && (i == 0 || !is_word(function[i - 1])) && !is_word(function[i + 8])) {
      in_operator = true;
      i += 8;
      if (starts("()")) {
        ++i;
      } else {
        // Up to the parameters: "<<", "->", " new", " bool" and all are part of the name.
        while (function[i] != '\0' && function[i] != '(') ++i;
        --i;
      }
      end = i + 1;
      continue;
    }
    if (c == '(' && depth == 0) {
      if (starts("(anonymous namespace)")) {
        i += sizeof("(anonymous namespace)") - 2;
        end = i + 1;
        continue;
      }
      // "f()::{lambda()#1}::operator()": parameters of an enclosing function are part of the name.
      std::size_t close = i;
      for (int parens = 0; function[close] != '\0'; ++close) {
        if (function[close] == '(') ++parens;
        if (function[close] == ')' && --parens == 0) break;
      }
      std::size_t after = close;
      while (function[after] != '\0' && function[after] != ':') ++after;
      const bool enclosing = function[close] == ')' && function[close + 1] == ':' && function[close + 2] == ':';
      if (!enclosing) break;
      i = close;
      end = i + 1;
      continue;
    }
    if (c == '<' || c == '{' || c == '[' || c == '(') ++depth;
    if (c == '>' || c == '}' || c == ']' || c == ')') --depth;
    if (c == ' ' && depth == 0 && !in_operator) begin = i + 1;
    end = i + 1;
  }
  if (begin >= end) begin = 0;
  std::size_t length = end - begin;
  if (length > size - 1) length = size - 1;
  for (std::size_t n = 0; n < length; ++n) out[n] = function[begin + n];
  out[length] = '\0';
}

const char* demangle_type(const char* mangled) {
  int status = 0;
  const char* name = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  return name != nullptr ? name : mangled;
}

}  // namespace csp::rt
