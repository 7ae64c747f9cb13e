// One test that leaks and one that does not, with the listener: succeeds when exactly the first one fails.

#include <csp/csp.h>
#include <csp/gtest.h>

namespace {

csp::Chan<int> numbers = csp::make_chan<int>();

TEST(Listened, Leaks) {
  csp::go([] { numbers.recv(); });
}

TEST(Listened, DoesNotLeak) {}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  ::testing::UnitTest::GetInstance()->listeners().Append(new csp::testing::LeakListener);
  const int status = RUN_ALL_TESTS();
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  // Exactly the one that leaks has failed.
  return status != 0 && all.failed_test_count() == 1 && all.successful_test_count() == 1 ? 0 : 1;
}
