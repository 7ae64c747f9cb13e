#include "explain/rules.h"

#include <algorithm>

namespace csp::cli {

namespace {

constexpr Rule kRules[] = {
    {"csp-data-race", "race",
     "Two goroutines or threads access the same memory, at least one writes, and nothing orders the two.",
     explain_race},
    {"csp-goroutine-leak", "leak", "A goroutine is blocked in an operation that nothing can ever complete.",
     explain_leak},
    {"csp-deadlock", "deadlock", "Goroutines wait for each other, so that none can go on.", explain_deadlock},
    {"csp-lock-order", "lock order inversion",
     "Two locks are taken in opposite orders; with another timing each side holds one and waits for the other.",
     explain_lock_order},
    {"csp-double-lock", "double lock", "A goroutine locks a mutex that it holds already, and so waits for itself.",
     explain_misuse},
    {"csp-unlock-of-unlocked", "unlock of unlocked mutex", "A mutex is unlocked that is not locked.", explain_misuse},
    {"csp-send-on-closed", "send on closed channel", "A value is sent on a channel that has been closed.",
     explain_misuse},
    {"csp-double-close", "double close", "A channel is closed a second time.", explain_misuse},
    {"csp-close-nil", "close of nil channel", "A channel is closed that was never made.", explain_misuse},
    {"csp-close-races-send", "close that races with a send",
     "A channel is closed while another goroutine may send on it: with another timing the send panics.", explain_race},
    {"csp-waitgroup-misuse", "WaitGroup misuse",
     "A WaitGroup's counter is taken below zero, or added to while waited for.", explain_misuse},
    {"csp-concurrent-map", "concurrent map access", "A map is read or written while another goroutine writes to it.",
     explain_misuse},
    {"csp-panic", "panic", "An exception left a goroutine, which ends the process.", explain_misuse},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

const Rule* find_rule(std::string_view name) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& r) { return r.name == name; });
  return found != std::end(kRules) ? found : nullptr;
}

}  // namespace csp::cli
