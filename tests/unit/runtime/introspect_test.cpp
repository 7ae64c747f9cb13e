// csp::goroutines() and csp::dump() tell who is there, why it waits, and where.

#include <csp/csp.h>
#include <csp/debug.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace {

[[gnu::noinline]] void wait_in_named_function(const csp::Chan<int>& ch) {
  ch.recv();
  asm volatile("");  // No tail call: the frame shall be there.
}

const csp::GoroutineInfo* find(const std::vector<csp::GoroutineInfo>& all, const std::string& reason) {
  const auto it = std::find_if(all.begin(), all.end(), [&](const auto& info) { return info.wait_reason == reason; });
  return it == all.end() ? nullptr : &*it;
}

/// Looks until somebody waits for `reason`.
std::vector<csp::GoroutineInfo> look_for(const std::string& reason) {
  for (;;) {
    std::vector<csp::GoroutineInfo> all = csp::goroutines();
    if (find(all, reason) != nullptr) return all;
    csp::yield();
  }
}

TEST(Introspect, ShowsWhoWaitsWhereAndWhoMadeIt) {
  csp::run([] {
    auto ch = csp::make_chan<int>();
    csp::go({.name = "waiter"}, [ch] { wait_in_named_function(ch); });
    const auto all = look_for("chan receive");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, 1U);
    EXPECT_EQ(all[0].state, "running");
    EXPECT_FALSE(all[0].stack.empty());
    const csp::GoroutineInfo& info = all[1];
    EXPECT_EQ(info.name, "waiter");
    EXPECT_EQ(info.state, "waiting");
    EXPECT_EQ(info.parent, 1U);
    EXPECT_EQ(info.waiting_on, std::vector<const void*>{ch.core()});
    ASSERT_FALSE(info.stack.empty());
    EXPECT_NE(info.stack[0].function.find("wait_in_named_function"), std::string::npos) << info.stack[0].function;
    EXPECT_NE(info.stack[0].file.find("introspect_test.cpp"), std::string::npos);
    EXPECT_GT(info.stack[0].line, 0);
    EXPECT_NE(info.created_by.file.find("introspect_test.cpp"), std::string::npos);
    ch.send(1);
  });
}

TEST(Introspect, ASelectShowsItsChannels) {
  csp::run([] {
    auto a = csp::make_chan<int>();
    auto b = csp::make_chan<int>();
    csp::go([=] { csp::select(csp::recv(a), csp::send(b, 1)); });
    const auto all = look_for("select");
    const csp::GoroutineInfo* info = find(all, "select");
    EXPECT_EQ(info->waiting_on, (std::vector<const void*>{a.core(), b.core()}));
    a.send(1);
  });
}

TEST(Introspect, DumpReadsLikeGos) {
  csp::run([] {
    auto ch = csp::make_chan<int>();
    csp::go([ch] { wait_in_named_function(ch); });
    look_for("chan receive");
    std::ostringstream out;
    csp::dump(out);
    EXPECT_NE(out.str().find("goroutine 1 [running]:\n"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find(" [chan receive]:\n"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find(" in goroutine 1\n\t"), std::string::npos) << out.str();
    ch.send(1);
  });
}

TEST(Introspect, WorksFromAThreadAndWhileGoroutinesRun) {
  std::atomic<bool> stop{false};
  for (int i = 0; i < 3; ++i) {
    csp::go([&] {
      while (!stop) csp::yield();
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_GE(csp::goroutines().size(), 3U);
  stop = true;
  while (csp::num_goroutines() > 0) csp::yield();
}

}  // namespace
