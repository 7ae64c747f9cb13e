// A virtual function is called while another thread destroys the object, without a lock.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

struct Base {
  virtual ~Base() { end(); }  // RACE
  virtual int size() const { return 1; }
  [[gnu::noinline]] void end() { use(static_cast<unsigned>(size())); }
};

struct Derived : Base {
  ~Derived() override {}
  int size() const override { return 2; }
};

alignas(Derived) unsigned char storage[sizeof(Derived)];
std::mutex mutex;
Base* object;

void call() {
  use(static_cast<unsigned>(object->size()));  // RACE
}

void destroy() { object->~Base(); }

int main() {
  object = new (storage) Derived;
  in_order(call, destroy);
}
