// Two threads count without a lock. The twin, racy_fixed.cpp, differs by the lock.

#include <thread>

int main() {
  int hits = 0;
  std::thread other([&] { hits += 1; });  // RACE
  hits += 2;                              // RACE
  other.join();
  return hits == 0;
}
