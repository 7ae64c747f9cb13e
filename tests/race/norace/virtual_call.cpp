// A virtual function is called while another thread destroys the object, under a mutex.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

struct Base {
  virtual ~Base() { end(); }
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
  std::lock_guard lock(mutex);
  use(static_cast<unsigned>(object->size()));
}

void destroy() {
  std::lock_guard lock(mutex);
  object->~Base();
}

int main() {
  object = new (storage) Derived;
  in_order(call, destroy);
}
