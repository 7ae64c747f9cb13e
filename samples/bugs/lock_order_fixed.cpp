// lock_order.cpp with std::scoped_lock, which takes any number of locks without ever waiting for one
// while it holds another.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

struct Account {
  csp::Mutex mutex;
  int balance = 100;
};

void transfer(Account& from, Account& to, int amount) {
  std::scoped_lock both(from.mutex, to.mutex);
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
