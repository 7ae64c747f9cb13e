// A structure is copied by memcpy after the thread that wrote it was joined.
#include <cstring>
#include <thread>

char from[1000];
char to[1000];

int main(int argc, char**) {
  std::thread thread([] { from[999] = 1; });
  thread.join();
  std::memcpy(to, from, sizeof from - static_cast<unsigned>(argc - 1));
  return to[999] == 1 ? 0 : 1;
}
