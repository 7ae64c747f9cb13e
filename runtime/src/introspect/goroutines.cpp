#include <ostream>

#include "csp/debug.h"
#include "introspect/inspector.h"
#include "introspect/trace.h"
#include "sched/scheduler.h"

namespace csp {
namespace {

/// Raw facts, taken while all is frozen: nothing that could need another goroutine, such as a contended
/// allocation, happens then. Names are looked up afterwards.
struct Snapshot {
  GoroutineInfo info;
  rt::Trace trace;
  const void* created_pc = nullptr;
};

Frame frame_of(const rt::Symbol& symbol) {
  char name[1024];
  rt::qualified_name(symbol.function, name, sizeof(name));
  return {name, symbol.file, symbol.line};
}

void take_snapshot(void* context, rt::Goroutine& goroutine) {
  auto& snapshots = *static_cast<std::vector<Snapshot>*>(context);
  const rt::GoroutineState state = goroutine.state.load(std::memory_order_acquire);
  const bool waits = state == rt::GoroutineState::kParked || state == rt::GoroutineState::kBlocking;
  Snapshot& snapshot = snapshots.emplace_back();
  GoroutineInfo& info = snapshot.info;
  info.id = goroutine.agent.id;
  info.name = goroutine.agent.name;
  info.state = waits ? "waiting" : state == rt::GoroutineState::kRunning ? "running" : "runnable";
  if (waits) {
    info.wait_reason = hooks::words(goroutine.reason);
    info.since = std::chrono::nanoseconds(rt::now_ns() - goroutine.parked_at);
    if (goroutine.waiting_on != nullptr) info.waiting_on.push_back(goroutine.waiting_on);
    for (std::size_t i = 0; i < goroutine.case_count; ++i) {
      if (goroutine.cases[i].channel != nullptr) info.waiting_on.push_back(goroutine.cases[i].channel);
    }
  }
  info.parent = goroutine.parent;
  snapshot.created_pc = goroutine.created_pc;
  rt::capture(goroutine, snapshot.trace);
}

void add_names(Snapshot& snapshot) {
  rt::for_each_user_frame(
      snapshot.trace,
      [](void* context, const rt::Symbol& symbol) {
        static_cast<GoroutineInfo*>(context)->stack.push_back(frame_of(symbol));
      },
      &snapshot.info);
  if (snapshot.created_pc == nullptr) return;
  rt::Trace creation;
  creation.pcs[creation.depth++] = snapshot.created_pc;
  rt::for_each_user_frame(
      creation,
      [](void* context, const rt::Symbol& symbol) {
        auto& created_by = static_cast<GoroutineInfo*>(context)->created_by;
        if (created_by.file.empty()) created_by = frame_of(symbol);
      },
      &snapshot.info);
}

void print_frame(std::ostream& out, const Frame& frame) {
  out << "\n\t" << (frame.file.empty() ? "?" : frame.file);
  if (frame.line > 0) out << ':' << frame.line;
  out << '\n';
}

}  // namespace

std::vector<GoroutineInfo> goroutines() {
  constexpr std::int64_t kPatience = 20'000'000;  // Twice the time after which a goroutine counts as computing.
  std::vector<Snapshot> snapshots;
  snapshots.reserve(rt::goroutine_count() + 64);
  rt::freeze(kPatience);
  rt::for_each_goroutine(take_snapshot, &snapshots);
  rt::thaw();
  std::vector<GoroutineInfo> infos;
  infos.reserve(snapshots.size());
  for (Snapshot& snapshot : snapshots) {
    add_names(snapshot);
    infos.push_back(std::move(snapshot.info));
  }
  return infos;
}

void dump(std::ostream& out) {
  for (const GoroutineInfo& info : goroutines()) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(info.since).count();
    out << "goroutine " << info.id << " [" << (info.wait_reason.empty() ? info.state : info.wait_reason);
    if (minutes > 0) out << ", " << minutes << " minutes";
    if (!info.name.empty()) out << ", \"" << info.name << '"';
    out << "]:\n";
    for (const Frame& frame : info.stack) {
      out << (frame.function.empty() ? "?" : frame.function) << "(...)";
      print_frame(out, frame);
    }
    if (!info.created_by.file.empty()) {
      out << "created by " << info.created_by.function;
      if (info.parent != 0) out << " in goroutine " << info.parent;
      print_frame(out, info.created_by);
    }
    out << '\n';
  }
}

}  // namespace csp
