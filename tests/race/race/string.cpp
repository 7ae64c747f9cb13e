// A character of a std::string is overwritten and read without a lock.
#include <mutex>
#include <string>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::string text = "a text that is too long to be kept inside the object";

int main() {
  in_order(
      [] {
        text[5] = 'X';  // RACE
      },
      [] {
        use(static_cast<unsigned char>(text[5]));  // RACE
      });
}
