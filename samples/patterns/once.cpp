// `csp::Once` runs something exactly once, whoever comes first; the others wait until it is finished.
// `once_value` does the same for a value that is expensive to make.

#include <csp/csp.h>

#include <atomic>
#include <cstdio>
#include <string>

int main() {
  return csp::run([] {
    csp::Once once;
    std::string config;  // Written inside the once, read after it: no lock needed.
    std::atomic<int> readers = 0;
    csp::WaitGroup group;
    for (int i = 0; i < 10; ++i) {
      group.go([&] {
        once.call([&] {
          std::printf("loading\n");
          config = "verbose=1";
        });
        if (config == "verbose=1") ++readers;
      });
    }
    group.wait();
    std::printf("%d readers saw %s\n", readers.load(), config.c_str());

    auto answer = csp::once_value([] {
      std::printf("computing\n");
      return 6 * 7;
    });
    const int first = answer();
    const int second = answer();
    std::printf("%d %d\n", first, second);
  });
}
