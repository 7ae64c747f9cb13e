#pragma once
// Goroutines that act one after the other in time, and concurrently as far as the program's own synchronisation goes.

#include <csp/go.h>
#include <csp/sync.h>

#include <utility>

#include "support/invisible_barrier.h"

namespace csp::testing {

namespace detail {

template <class... Functions, std::uint32_t... kTurns>
void run_goroutines_in_order(std::integer_sequence<std::uint32_t, kTurns...>, Functions... functions) {
  InvisibleCounter turn;
  WaitGroup ended;
  ended.add(sizeof...(Functions));
  // All start before the first acts, so that no start orders one action after another.
  (csp::go([&turn, &ended, function = std::move(functions)] {
     while (!invisibly_reached(turn, kTurns + 1)) csp::yield();
     function();
     invisibly_signal(turn);
     ended.done();
   }),
   ...);
  invisibly_signal(turn);
  ended.wait();
}

}  // namespace detail

/// Runs each function as a goroutine, the second when the first has returned, and so on; is itself csp::run, and
/// returns after the last.
template <class... Functions>
int go_in_order(Functions... functions) {
  return csp::run([&] {
    detail::run_goroutines_in_order(std::make_integer_sequence<std::uint32_t, sizeof...(Functions)>(),
                                    std::move(functions)...);
  });
}

}  // namespace csp::testing
