// Fan-in: several channels are merged into one by a goroutine for each of them. The merged channel is
// closed when the last input has ended; the order between the inputs is open.

#include <csp/csp.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

csp::RecvChan<std::string> chat(std::string name, int lines) {
  auto out = csp::make_chan<std::string>();
  csp::go([=] {
    for (int i = 1; i <= lines; ++i) out.send(name + ": line " + std::to_string(i));
    out.close();
  });
  return out;
}

csp::RecvChan<std::string> fan_in(const std::vector<csp::RecvChan<std::string>>& inputs) {
  auto out = csp::make_chan<std::string>();
  auto forwarders = std::make_shared<csp::WaitGroup>();
  for (const auto& input : inputs) {
    forwarders->go([=] {
      for (std::string& line : input) out.send(std::move(line));
    });
  }
  csp::go([=] {
    forwarders->wait();
    out.close();
  });
  return out;
}

int main() {
  return csp::run([] {
    for (const std::string& line : fan_in({chat("ann", 3), chat("bob", 2)})) std::printf("%s\n", line.c_str());
  });
}
