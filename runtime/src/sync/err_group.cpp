#include "csp/err_group.h"

#include <atomic>
#include <cstdio>

#include "csp/chan.h"
#include "csp/mutex.h"
#include "csp/wait_group.h"

namespace csp {
namespace detail {

struct GroupState {
  WaitGroup tasks;
  std::atomic<int> active{0};  // Tasks, for set_limit().
  Chan<Unit> tokens;           // A task sends one before it starts and takes one out at its end. Nil: no limit.
  CancelCauseFunc cancel;      // Empty without a context.

  Mutex failure_lock;  // Guards what follows, until all tasks are over.
  bool failed = false;
  std::error_code error;
  std::exception_ptr exception;
};

namespace {

void finish_waiting(GroupState& group) {
  group.tasks.wait();
  if (group.cancel) group.cancel({});
}

// The code of a std::system_error; none for another exception.
std::error_code code_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::system_error& error) {
    return error.code();
  } catch (...) {  // Says nothing that a context could tell.
    return {};
  }
}

void fail(GroupState& group, std::error_code error, std::exception_ptr exception, std::error_code cause) {
  group.failure_lock.lock();
  const bool is_first = !std::exchange(group.failed, true);
  if (is_first) {
    group.error = error;
    group.exception = std::move(exception);
  }
  group.failure_lock.unlock();
  if (is_first && group.cancel) group.cancel(cause);
}

}  // namespace

GroupState* make_group() { return new GroupState; }

void begin_task(GroupState& group) {
  if (group.tokens) group.tokens.send({});
  group.active.fetch_add(1, std::memory_order_relaxed);
  group.tasks.add(1);
}

bool try_begin_task(GroupState& group) {
  if (group.tokens && !group.tokens.try_send({})) return false;
  group.active.fetch_add(1, std::memory_order_relaxed);
  group.tasks.add(1);
  return true;
}

void end_task(GroupState& group) {
  group.active.fetch_sub(1, std::memory_order_relaxed);
  if (group.tokens) group.tokens.recv();
  group.tasks.done();  // The last: whoever waits may destroy the group.
}

void fail(GroupState& group, std::error_code error) { fail(group, error, nullptr, error); }

void fail(GroupState& group, std::exception_ptr exception) {
  const std::error_code cause = code_of(exception);
  fail(group, {}, std::move(exception), cause);
}

}  // namespace detail

ErrGroup::WithContext ErrGroup::with_context(const Context& parent) {
  auto [ctx, cancel] = with_cancel_cause(parent);
  ErrGroup group;
  group.state_->cancel = cancel;
  return {std::move(group), ctx};
}

ErrGroup::~ErrGroup() {
  if (state_ == nullptr) return;
  detail::finish_waiting(*state_);
  delete state_;
}

detail::GroupState& ErrGroup::state() const {
  if (state_ == nullptr) csp::panic("errgroup: use of a moved-from ErrGroup");
  return *state_;
}

void ErrGroup::set_limit(int limit) {
  detail::GroupState& group = state();
  if (const int active = group.active.load(std::memory_order_relaxed); active != 0) {
    char message[96];
    std::snprintf(message, sizeof message, "errgroup: modify limit while %d goroutines in the group are still active",
                  active);
    csp::panic(message);
  }
  group.tokens = limit < 0 ? Chan<Unit>() : make_chan<Unit>(static_cast<std::size_t>(limit));
}

std::error_code ErrGroup::wait() {
  detail::GroupState& group = state();
  detail::finish_waiting(group);
  if (group.exception != nullptr) std::rethrow_exception(group.exception);
  return group.error;
}

}  // namespace csp
