// A buffered channel takes values without a receiver until its buffer is full. Closing it says that no
// more will come; what is in the buffer is still received first.

#include <csp/csp.h>

#include <cstdio>
#include <string>

int main() {
  return csp::run([] {
    auto messages = csp::make_chan<std::string>(2);
    messages.send("buffered");
    messages.send("channel");
    std::printf("holds %zu of %zu, another fits: %s\n", messages.len(), messages.cap(),
                messages.try_send("overflow") ? "yes" : "no");

    messages.close();
    while (auto message = messages.receive()) std::printf("%s\n", message->c_str());
    std::printf("closed and drained: \"%s\"\n", messages.recv().c_str());
  });
}
