// An error group fans out tasks, waits for all of them and keeps the first error; its context tells the
// others to give up as soon as one has failed.

#include <csp/csp.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <system_error>

int main() {
  return csp::run([] {
    std::array<int, 4> lengths{};
    csp::ErrGroup all_well;
    all_well.set_limit(2);
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      all_well.go([&lengths, i] { lengths[i] = static_cast<int>(i * 100); });
    }
    const std::error_code none = all_well.wait();
    std::printf("four tasks, two at a time: %s, last length %d\n", none ? none.message().c_str() : "no error",
                lengths[3]);

    std::atomic<int> gave_up = 0;
    auto [group, ctx] = csp::ErrGroup::with_context(csp::background());
    for (int i = 0; i < 3; ++i) {
      group.go([&gave_up, task_ctx = ctx] {
        task_ctx.done().recv();
        ++gave_up;
      });
    }
    group.go([] { return std::make_error_code(std::errc::host_unreachable); });
    const std::error_code first = group.wait();
    std::printf("one of four fails: %s, %d gave up\n",
                first == std::errc::host_unreachable ? "host unreachable" : "unexpected", gave_up.load());
  });
}
