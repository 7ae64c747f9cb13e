// A block is freed after the thread that used it was joined.
#include <cstdlib>
#include <thread>

int main() {
  auto* block = static_cast<int*>(std::malloc(100 * sizeof(int)));
  std::thread thread([block] { block[50] = 1; });
  thread.join();
  std::free(block);
}
