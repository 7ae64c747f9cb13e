// An int is stored to atomically, and read atomically, too.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int value;

void store() { std::atomic_ref(value).store(1, std::memory_order_relaxed); }

void load() { use(std::atomic_ref(value).load(std::memory_order_relaxed)); }

int main() { in_order(store, load); }
