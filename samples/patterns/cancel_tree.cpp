// Contexts form a tree: cancelling one ends everything below it and nothing above or beside it. A value
// put into a context is seen by everything below.

#include <csp/csp.h>

#include <cstdio>
#include <string>
#include <system_error>

struct RequestId {
  using Value = std::string;
};

void report(const char* name, const csp::Context& ctx) {
  const std::string* id = ctx.value<RequestId>();
  const std::error_code e = ctx.err();
  std::printf("%-8s request %s: %s\n", name, id ? id->c_str() : "-", e ? e.message().c_str() : "running");
}

int main() {
  return csp::run([] {
    auto [root, cancel_root] = csp::with_cancel(csp::background());
    auto [left, cancel_left] = csp::with_cancel(csp::with_value<RequestId>(root, "17"));
    auto [leaf, cancel_leaf] = csp::with_cancel(left);
    auto [right, cancel_right] = csp::with_cancel(root);
    auto d = csp::defer(cancel_right);

    csp::WaitGroup watchers;
    watchers.go([ctx = leaf] { ctx.done().recv(); });
    cancel_left();
    watchers.wait();
    report("root", root);
    report("left", left);
    report("leaf", leaf);
    report("right", right);

    watchers.go([ctx = right] { ctx.done().recv(); });
    cancel_root();
    cancel_leaf();
    watchers.wait();
    report("root", root);
    report("right", right);
  });
}
