#include "core/unwind.h"

#include <unwind.h>

#include "core/detector.h"

namespace csp::race {
namespace {

struct Walk {
  explicit Walk(Address first) : from(first) {}
  const Address from = 0;  // The first frame wanted.
  bool found = false;
  std::size_t depth = 0;
  Address frames[128] = {};
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* data) {
  auto* walk = static_cast<Walk*>(data);
  const auto pc = static_cast<Address>(_Unwind_GetIP(context));
  walk->found = walk->found || pc == walk->from;
  if (!walk->found || pc == 0) return _URC_NO_REASON;
  walk->frames[walk->depth++] = pc;
  return walk->depth == sizeof(Walk::frames) / sizeof(Address) ? _URC_END_OF_STACK : _URC_NO_REASON;
}

}  // namespace

ContextId unwound_context(ThreadState& thread, Address pc) {
  Walk walk(pc);
  {
    // The unwinder takes locks and initialises itself by functions that we intercept.
    const BypassScope bypassed;
    _Unwind_Backtrace(step, &walk);
  }
  if (walk.depth == 0) return context_of(thread, pc);
  ContextId context = ContextId::kEmpty;
  for (std::size_t i = walk.depth; i > 0; --i) context = intern(context, walk.frames[i - 1]);
  return context;
}

}  // namespace csp::race
