// With $CSP_SCHED=seed:N a program runs the same way each time, and another N gives another way.
// Each run is a process of its own: this program again, with one argument.

#include <csp/csp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <string>

namespace {

/// Prints the order in which things happened.
void run_program() {
  csp::run([] {
    auto events = csp::make_chan<int>(1000);
    csp::WaitGroup done;
    for (int i = 0; i < 5; ++i) {
      done.go([=] {
        for (int round = 0; round < 4; ++round) {
          events.send(i);
          if (round % 2 == 0) csp::yield();
          csp::sleep(std::chrono::hours(1 + (i + round) % 3));  // Virtual: takes no time.
        }
      });
    }
    done.wait();
    events.close();
    for (int i : events) std::printf("%d", i);
    auto a = csp::make_chan<int>(1);
    auto b = csp::make_chan<int>(1);
    a.send(1), b.send(1);
    std::printf(" %zu\n", csp::select(csp::recv(a), csp::recv(b)));
  });
}

std::string output_with_seed(int seed) {
  const std::string command =
      "CSP_SCHED=seed:" + std::to_string(seed) + " /proc/" + std::to_string(getpid()) + "/exe --program";
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0);
  return output;
}

TEST(Seeded, TheSameSeedGivesTheSameOrder) {
  for (int seed = 0; seed < 3; ++seed) {
    const std::string first = output_with_seed(seed);
    EXPECT_EQ(first.size(), 20U + 3U);
    EXPECT_EQ(output_with_seed(seed), first);
  }
}

TEST(Seeded, OtherSeedsGiveOtherOrders) {
  std::set<std::string> orders;
  for (int seed = 0; seed < 8; ++seed) orders.insert(output_with_seed(seed));
  EXPECT_GT(orders.size(), 4U);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--program") {
    run_program();
    return 0;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
