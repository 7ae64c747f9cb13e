// An object is deleted after the thread that read it was joined.
#include <thread>

struct Pair {
  int first = 1;
  int second = 2;
};

int main() {
  auto* pair = new Pair;
  int seen = 0;
  std::thread thread([pair, &seen] { seen = pair->second; });
  thread.join();
  delete pair;
  return seen == 2 ? 0 : 1;
}
