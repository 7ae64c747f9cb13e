#include "snapshot.h"

#include "csp/report/system.h"

namespace csp::leak {
namespace {

std::uintptr_t address_of(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

void copy_view(void* context, const hooks::GoroutineView& view) {
  auto& snapshot = *static_cast<Snapshot*>(context);
  Goroutine goroutine{};
  goroutine.id = view.agent->id;
  goroutine.parent = view.parent;
  report::copy(goroutine.name, sizeof goroutine.name, view.name);
  goroutine.state = view.state;
  goroutine.reason = view.reason;
  goroutine.timer_wakes = view.timer_wakes;
  goroutine.waiting_ns = view.waiting_ns;
  goroutine.objects_first = snapshot.objects.size();
  for (std::size_t i = 0; i < view.waiting_on_count; ++i) {
    snapshot.complete &= snapshot.objects.push_back(address_of(view.waiting_on[i]));
  }
  goroutine.objects_size = snapshot.objects.size() - goroutine.objects_first;
  goroutine.stack_first = snapshot.pcs.size();
  for (std::size_t i = 0; i < view.stack_depth; ++i) {
    snapshot.complete &= snapshot.pcs.push_back(address_of(view.stack[i]));
  }
  goroutine.stack_size = snapshot.pcs.size() - goroutine.stack_first;
  goroutine.created_pc = address_of(view.created_pc);
  goroutine.record = record_of(*view.agent);
  goroutine.stack_pointer = address_of(view.stack_pointer);
  goroutine.stack_low = address_of(view.stack_low);
  goroutine.stack_high = address_of(view.stack_high);
  goroutine.closure = address_of(view.closure);
  goroutine.closure_size = view.closure_size;
  snapshot.complete &= snapshot.goroutines.push_back(goroutine);
}

}  // namespace

void Snapshot::take(const hooks::Inspector& inspector) {
  goroutines.clear();
  objects.clear();
  pcs.clear();
  complete = true;
  inspector.for_each_goroutine(copy_view, this);
}

const Goroutine* Snapshot::find(std::uint64_t id) const {
  for (const Goroutine& goroutine : goroutines) {
    if (goroutine.id == id) return &goroutine;
  }
  return nullptr;
}

report::AgentInfo describe(const Snapshot& snapshot, const Goroutine& goroutine) {
  report::AgentInfo info;
  info.agent = {report::AgentId::Kind::kGoroutine, goroutine.id};
  info.name = goroutine.name;
  if (goroutine.record != nullptr) {
    info.created_by = goroutine.record->parent;
    info.creation_stack = goroutine.record->creation.view();
  } else {
    if (goroutine.parent != 0) info.created_by = {report::AgentId::Kind::kGoroutine, goroutine.parent};
    if (goroutine.created_pc != 0) info.creation_stack = {&goroutine.created_pc, 1};
  }
  if (goroutine.reason != hooks::WaitReason::kNone) info.wait_reason = hooks::words(goroutine.reason);
  info.waiting_ns = goroutine.waiting_ns;
  info.waiting_on = snapshot.waits_on(goroutine);
  info.stack = snapshot.stack(goroutine);
  return info;
}

}  // namespace csp::leak
