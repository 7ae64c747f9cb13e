// `csp::select` waits for several channel operations and runs one that is ready. Here it takes from two
// channels whichever comes first, and a channel that has been drained is set to nil, which is never ready.

#include <csp/csp.h>

#include <cstdio>
#include <string>

csp::RecvChan<std::string> count(std::string what, int times) {
  auto out = csp::make_chan<std::string>();
  csp::go([=] {
    for (int i = 1; i <= times; ++i) out.send(what + " " + std::to_string(i));
    out.close();
  });
  return out;
}

int main() {
  return csp::run([] {
    csp::RecvChan<std::string> sheep = count("sheep", 3);
    csp::RecvChan<std::string> goats = count("goat", 2);
    while (sheep || goats) {
      std::string animal;
      bool ok = false;
      switch (csp::select(csp::recv(sheep, animal, ok), csp::recv(goats, animal, ok))) {
        case 0:
          if (!ok) sheep = nullptr;
          break;
        case 1:
          if (!ok) goats = nullptr;
          break;
      }
      if (ok) std::printf("%s\n", animal.c_str());
    }
  });
}
