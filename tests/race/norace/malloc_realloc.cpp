// A block is moved by realloc after the thread that wrote it was joined.
#include <cstdlib>
#include <thread>

int main() {
  auto* block = static_cast<int*>(std::malloc(10 * sizeof(int)));
  std::thread thread([block] { block[5] = 1; });
  thread.join();
  block = static_cast<int*>(std::realloc(block, 1000 * sizeof(int)));
  const int seen = block[5];
  std::free(block);
  return seen == 1 ? 0 : 1;
}
