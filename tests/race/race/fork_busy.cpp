// Threads race in a parent that forks while they are at it.
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

std::atomic<bool> stop;
std::mutex mutex;
int value;

void be_busy() {
  while (!stop) {
    std::free(std::malloc(100));
    ++value;  // RACE
    std::thread([] {}).join();
  }
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(be_busy);
  int failures = 0;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      // Only this thread is here; what the others held was not ours.
      auto* block = static_cast<int*>(std::malloc(100));
      block[0] = i;
      std::thread([block] { block[0]++; }).join();
      _exit(block[0] == i + 1 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failures;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return failures == 0 ? 0 : 1;
}
