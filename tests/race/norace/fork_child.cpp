// The threads of a forked child share nothing.
#include <sys/wait.h>
#include <unistd.h>
#include <thread>

int value;

int main() {
  std::thread before([] { value = 1; });
  before.join();
  const pid_t child = fork();
  if (child == 0) {
    std::thread thread([] { value = 2; });
    thread.join();
    value = 3;
    return 0;
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? 0 : 1;
}
