#pragma once
// Leak checks for GoogleTest: one expectation, and a listener that makes it for every test.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "csp/leak.h"

/// Fails the test when goroutines are still there: csp::leak::find(options...), as a GoogleTest expectation.
/// More can be streamed into it. Waits up to the limit of find().
#define CSP_EXPECT_NO_LEAKS(...)                                                                   \
  GTEST_AMBIGUOUS_ELSE_BLOCKER_                                                                    \
  if (const ::std::string csp_leaks_found = ::csp::leak::describe(::csp::leak::find(__VA_ARGS__)); \
      csp_leaks_found.empty())                                                                     \
    ;                                                                                              \
  else                                                                                             \
    ADD_FAILURE() << csp_leaks_found

namespace csp::testing {

/// Fails each test that leaves goroutines behind. In main(), before RUN_ALL_TESTS():
///
///   testing::UnitTest::GetInstance()->listeners().Append(new csp::testing::LeakListener);
///
/// A goroutine that was there when the test began is not this test's.
class LeakListener : public ::testing::EmptyTestEventListener {
 public:
  /// `options` as for csp::leak::find, for all tests.
  template <class... Options>
  explicit LeakListener(Options... options) {
    (options_.push_back(std::move(options)), ...);
  }

  void OnTestStart(const ::testing::TestInfo& /*test*/) override { before_ = leak::ignore_current(); }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    std::vector<leak::Option> options = options_;
    if (before_) options.push_back(*before_);
    const std::string leaks = leak::describe(leak::detail::find(std::move(options)));
    if (!leaks.empty()) ADD_FAILURE() << test.test_suite_name() << '.' << test.name() << " leaks: " << leaks;
  }

 private:
  std::vector<leak::Option> options_;
  std::optional<leak::Option> before_;
};

}  // namespace csp::testing
