// Forty threads read an int at one line and one more at another, all before it is written; none has been joined.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter been_read;
int value;

int main() {
  std::thread readers[41];
  for (unsigned i = 0; i < 40; ++i) {
    readers[i] = std::thread([] {
      use(static_cast<unsigned>(value));  // RACE
      invisibly_signal(been_read);
    });
  }
  invisibly_await(been_read, 40);
  readers[40] = std::thread([] {
    use(static_cast<unsigned>(value));  // RACE
    invisibly_signal(been_read);
  });
  invisibly_await(been_read, 41);
  value = 1;  // RACE
  for (std::thread& reader : readers) reader.join();
}
