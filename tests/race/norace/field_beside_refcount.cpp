// A field beside a reference count is written, then sixty-four threads change the count, then the field is read: after
// the writer was joined.
#include <atomic>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

struct alignas(8) Object {
  int field;
  std::atomic<int> owners;
};

InvisibleCounter written;
Object object;

int main() {
  std::thread writer([] {
    object.field = 1;
    invisibly_signal(written);
  });
  invisibly_await(written, 1);
  writer.join();
  for (int i = 0; i < 64; ++i) {
    std::thread([] { object.owners.fetch_add(1, std::memory_order_relaxed); }).join();
  }
  use(static_cast<unsigned>(object.field));
}
