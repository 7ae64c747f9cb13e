// A string is measured while another thread changes it before its end.
#include <cstring>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter changed;
char text[32] = "first\0second";
char copy[32];

int main() {
  std::thread thread([] {
    text[4] = 'T';  // RACE
    invisibly_signal(changed);
  });
  invisibly_await(changed, 1);
  std::strcpy(copy, text);  // RACE
  thread.join();
  return std::strlen(copy) == 5 ? 0 : 1;
}
