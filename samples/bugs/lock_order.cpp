// Money is moved between two accounts with both locked, always the paying one first. Ann pays Bob, and
// later Bob pays Ann: no deadlock today, because the transfers do not meet. The opposite orders are
// enough for csp-race to tell what will happen on the day they do. The fix: lock_order_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

struct Account {
  csp::Mutex mutex;
  int balance = 100;
};

void transfer(Account& from, Account& to, int amount) {
  std::lock_guard paying(from.mutex);
  std::lock_guard paid(to.mutex);  // BUG: csp-lock-order
  from.balance -= amount;
  to.balance += amount;
}

int main() {
  return csp::run([] {
    Account ann;
    Account bob;
    csp::WaitGroup transfers;
    transfers.go([&] { transfer(ann, bob, 30); });
    transfers.wait();
    transfers.go([&] { transfer(bob, ann, 10); });
    transfers.wait();
    std::printf("ann %d, bob %d\n", ann.balance, bob.balance);
  });
}
