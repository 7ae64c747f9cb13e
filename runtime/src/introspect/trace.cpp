#include "introspect/trace.h"

#include <cstdlib>

#include <sys/mman.h>
#include <unwind.h>

#include "machine/switch.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

_Unwind_Reason_Code on_frame(_Unwind_Context* frame, void* argument) {
  auto& trace = *static_cast<Trace*>(argument);
  if (trace.depth == Trace::kDepthMax) return _URC_END_OF_STACK;
  int is_before = 0;
  const std::uintptr_t pc = _Unwind_GetIPInfo(frame, &is_before);
  if (pc == 0) return _URC_END_OF_STACK;
  // All are treated as return addresses; that of a signal frame is none.
  trace.pcs[trace.depth++] = reinterpret_cast<const void*>(is_before != 0 ? pc + 1 : pc);
  return _URC_NO_REASON;
}

bool starts_with(const char* text, const char* prefix) {
  for (; *prefix != '\0'; ++text, ++prefix) {
    if (*text != *prefix) return false;
  }
  return true;
}

bool starts_with_any(const char* text, const char* const* prefixes) {
  for (; *prefixes != nullptr; ++prefixes) {
    if (starts_with(text, *prefixes)) return true;
  }
  return false;
}

/// GCC names inlined functions without their namespace when it has a local type among its parameters, as go() has
/// with any lambda. Their file tells whose they are: a public header, or where our sources were compiled.
bool is_our_source(const char* file) {
  for (const char* at = file; *at != '\0'; ++at) {
    if (starts_with(at, "/include/csp/")) return true;
  }
  constexpr char kThisFile[] = __FILE__;
  constexpr char kOwnPart[] = "introspect/trace.cpp";
  constexpr std::size_t kDirectory = sizeof(kThisFile) - sizeof(kOwnPart);
  for (std::size_t i = 0; i < kDirectory; ++i) {
    if (file[i] != kThisFile[i]) return false;
  }
  return true;
}

/// A function of ours, or one that carries an exception from its throw to us.
bool is_machinery(const char* function, const char* file) {
  static constexpr const char* kPrefixes[] = {"csp::",
                                              "_ZN3csp",
                                              "_ZNK3csp",
                                              "__cxa_",
                                              "_Unwind_",
                                              "__cxxabiv1::",
                                              "__gnu_cxx::__verbose",
                                              "__gxx_personality",
                                              "std::terminate",
                                              "std::rethrow_exception",
                                              "__clang_call_terminate",
                                              nullptr};
  return starts_with_any(function, kPrefixes) || is_our_source(file);
}

/// What stands between the runtime and the function given to go().
bool is_glue(const char* function, const char* file) {
  static constexpr const char* kPrefixes[] = {"std::__invoke", "std::invoke", "std::apply", "__invoke",
                                              "invoke<",       "__apply",     "apply<",     "std::__apply",
                                              "make_fcontext", nullptr};
  return *function == '\0' || is_machinery(function, file) || starts_with_any(function, kPrefixes);
}

/// Numbers the frames, inlined ones included, and notes which are the user's.
struct Range {
  std::size_t index = 0;
  std::size_t first = SIZE_MAX;
  std::size_t last = 0;
  void (*visit)(void* context, const Symbol& symbol) = nullptr;
  void* context = nullptr;
};

constexpr std::size_t kNameMax = 1024;

void find_range(void* context, const Symbol& symbol) {
  auto& range = *static_cast<Range*>(context);
  char name[kNameMax];
  qualified_name(symbol.function, name, sizeof(name));
  if (range.first == SIZE_MAX && *name != '\0' && !is_machinery(name, symbol.file)) range.first = range.index;
  if (!is_glue(name, symbol.file)) range.last = range.index;
  ++range.index;
}

void visit_range(void* context, const Symbol& symbol) {
  auto& range = *static_cast<Range*>(context);
  if (range.index >= range.first && range.index <= range.last) range.visit(range.context, symbol);
  ++range.index;
}

void print_symbol(void* context, const Symbol& symbol) {
  auto& words = *static_cast<DyingWords*>(context);
  char name[kNameMax];
  qualified_name(symbol.function, name, sizeof(name));
  words.text(*name != '\0' ? name : "?").text("(...)\n\t").text(*symbol.file != '\0' ? symbol.file : "?");
  if (symbol.line > 0) words.text(":").number(static_cast<unsigned>(symbol.line));
  words.text(" +0x").number(symbol.offset, 16).text("\n");
}

struct CreatedBy {
  DyingWords* words;
  std::uint64_t parent;
  bool done = false;
};

void print_creation(void* context, const Symbol& symbol) {
  auto& created = *static_cast<CreatedBy*>(context);
  char name[kNameMax];
  qualified_name(symbol.function, name, sizeof(name));
  // go() is inlined into whoever called it, so the first that is not ours is the user's.
  if (created.done || is_machinery(name, symbol.file)) return;
  created.done = true;
  created.words->text("created by ").text(*name != '\0' ? name : "?");
  if (created.parent != 0) created.words->text(" in goroutine ").number(created.parent);
  created.words->text("\n\t").text(*symbol.file != '\0' ? symbol.file : "?");
  if (symbol.line > 0) created.words->text(":").number(static_cast<unsigned>(symbol.line));
  created.words->text(" +0x").number(symbol.offset, 16).text("\n");
}

}  // namespace

void capture(Trace& trace) {
  trace.depth = 0;
  _Unwind_Backtrace(on_frame, &trace);
}

void capture(Goroutine& goroutine, Trace& trace) {
  trace.depth = 0;
  switch (goroutine.state.load(std::memory_order_acquire)) {
    case GoroutineState::kParked:
    case GoroutineState::kRunnable:
      if (!goroutine.stack) return;
      visit_stack(
          goroutine, this_goroutine() != nullptr ? this_goroutine()->stack.bounds : thread_stack(),
          [](void* argument) { capture(*static_cast<Trace*>(argument)); }, &trace);
      return;
    case GoroutineState::kRunning:
      if (&goroutine == this_goroutine()) capture(trace);
      return;
    case GoroutineState::kBlocking:
      // Its stack is in use by code we know nothing of; where it left us is what can be said.
      trace.pcs[trace.depth++] = goroutine.park_pc;
      return;
    case GoroutineState::kFree:
    case GoroutineState::kMade:
      return;
  }
}

void for_each_user_frame(const Trace& trace, void (*visit)(void* context, const Symbol& symbol), void* context) {
  Range range{.visit = visit, .context = context};
  for (std::size_t i = 0; i < trace.depth; ++i) symbolize(trace.pcs[i], find_range, &range);
  range.index = 0;
  for (std::size_t i = 0; i < trace.depth; ++i) symbolize(trace.pcs[i], visit_range, &range);
}

void print_frames(DyingWords& words, const Trace& trace) {
  for_each_user_frame(trace, print_symbol, &words);
  if (trace.depth == Trace::kDepthMax) words.text("...additional frames elided...\n");
}

const char* state_words(const Goroutine& goroutine) {
  switch (goroutine.state.load(std::memory_order_acquire)) {
    case GoroutineState::kRunning:
      return "running";
    case GoroutineState::kRunnable:
      return "runnable";
    case GoroutineState::kParked:
    case GoroutineState::kBlocking:
      return hooks::words(goroutine.reason);
    case GoroutineState::kFree:
    case GoroutineState::kMade:
      break;
  }
  return "";
}

void print_goroutine(DyingWords& words, Goroutine& goroutine, const char* state, const Trace& trace) {
  constexpr Nanoseconds kMinute = 60'000'000'000;
  words.text("goroutine ").number(goroutine.agent.id).text(" [").text(state);
  if (goroutine.state.load(std::memory_order_acquire) == GoroutineState::kParked) {
    const Nanoseconds waited = now_ns() - goroutine.parked_at;
    if (waited >= kMinute) words.text(", ").number(static_cast<unsigned long long>(waited / kMinute)).text(" minutes");
  }
  if (goroutine.name != nullptr) words.text(", \"").text(goroutine.name).text("\"");
  words.text("]:\n");
  print_frames(words, trace);
  if (goroutine.created_pc != nullptr) {
    CreatedBy created{&words, goroutine.parent};
    symbolize(goroutine.created_pc, print_creation, &created);
  }
}

void for_each_goroutine(void (*visit)(void* context, Goroutine& goroutine), void* context) {
  struct Collected {
    Goroutine** all;
    std::size_t count;
    std::size_t capacity;
  };
  // Room for goroutines made since by threads that nobody stops. Not malloc: the program may be dying inside it.
  const std::size_t capacity = goroutine_count() + 1024;
  void* memory =
      mmap(nullptr, capacity * sizeof(Goroutine*), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  Collected collected{static_cast<Goroutine**>(memory), 0, capacity};
  for_each_record(
      [](void* argument, Goroutine& goroutine) {
        auto& to = *static_cast<Collected*>(argument);
        const GoroutineState state = goroutine.state.load(std::memory_order_acquire);
        if (state == GoroutineState::kFree || state == GoroutineState::kMade || to.count == to.capacity) return;
        to.all[to.count++] = &goroutine;
      },
      &collected);
  std::qsort(collected.all, collected.count, sizeof(Goroutine*), [](const void* left, const void* right) {
    const std::uint64_t a = (*static_cast<Goroutine* const*>(left))->agent.id;
    const std::uint64_t b = (*static_cast<Goroutine* const*>(right))->agent.id;
    return a < b ? -1 : a > b ? 1 : 0;
  });
  for (std::size_t i = 0; i < collected.count; ++i) visit(context, *collected.all[i]);
  munmap(memory, capacity * sizeof(Goroutine*));
}

}  // namespace csp::rt
