// A character of a std::string is overwritten and read under a mutex.
#include <mutex>
#include <string>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::string text = "a text that is too long to be kept inside the object";

int main() {
  in_order(
      [] {
        std::lock_guard lock(mutex);
        text[5] = 'X';
      },
      [] {
        std::lock_guard lock(mutex);
        use(static_cast<unsigned char>(text[5]));
      });
}
