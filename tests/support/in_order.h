#pragma once
// Threads that act one after the other in time, and concurrently as far as the program's own synchronisation goes.

#include <thread>
#include <utility>

#include "support/invisible_barrier.h"

namespace csp::testing {

namespace detail {

template <class... Functions, std::uint32_t... kTurns>
void run_in_order(std::integer_sequence<std::uint32_t, kTurns...>, Functions... functions) {
  InvisibleCounter turn;
  // All start before the first acts, so that no start orders one action after another.
  std::thread threads[] = {std::thread([&turn, function = std::move(functions)] {
    invisibly_await(turn, kTurns + 1);
    function();
    invisibly_signal(turn);
  })...};
  invisibly_signal(turn);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace detail

/// Runs each function on a thread of its own: the second when the first has returned, and so on. Returns after the
/// last.
template <class... Functions>
void in_order(Functions... functions) {
  detail::run_in_order(std::make_integer_sequence<std::uint32_t, sizeof...(Functions)>(), std::move(functions)...);
}

}  // namespace csp::testing
