// Forty threads read an int at one line and one more reads it at another; all are joined before it is written.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter been_read;
int value;

int main() {
  std::thread readers[41];
  for (unsigned i = 0; i < 40; ++i) {
    readers[i] = std::thread([] {
      use(static_cast<unsigned>(value));
      invisibly_signal(been_read);
    });
  }
  invisibly_await(been_read, 40);
  readers[40] = std::thread([] {
    use(static_cast<unsigned>(value));
    invisibly_signal(been_read);
  });
  invisibly_await(been_read, 41);
  for (std::thread& reader : readers) reader.join();
  value = 1;
}
