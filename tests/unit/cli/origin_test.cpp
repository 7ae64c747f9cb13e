// Whose frame it is. A frame that is taken for the wrong one moves a finding to the wrong line.

#include "symbolize/origin.h"

#include <gtest/gtest.h>

namespace csp::cli {
namespace {

Frame frame(const std::string& function, const std::string& path = "/home/u/a.cpp",
            const std::string& module = "/home/u/a") {
  Frame result;
  result.function = function;
  result.place = {path, path, path.empty() ? 0u : 3u, 1};
  result.module = module;
  result.origin = origin_of(result);
  return result;
}

TEST(Origin, NamespacesTell) {
  EXPECT_EQ(frame("csp::Chan<int>::send").origin, Origin::kRuntime);
  EXPECT_EQ(frame("csp::rt::park").origin, Origin::kRuntime);
  EXPECT_EQ(frame("std::thread::thread").origin, Origin::kSystem);
  EXPECT_EQ(frame("cspan::view").origin, Origin::kProject);
  EXPECT_EQ(frame("main::$_0::operator()").origin, Origin::kProject);
}

TEST(Origin, ALambdaInsideAnInstanceIsWhoseTheTemplateIs) {
  EXPECT_EQ(frame("void csp::WaitGroup::go<main::$_0>(main::$_0)::'lambda'()::operator()").origin, Origin::kRuntime);
  EXPECT_EQ(frame("int csp::run<main::$_0>(main::$_0&&)::Main::invoke").origin, Origin::kRuntime);
  EXPECT_EQ(frame("void each<csp::Unit>(csp::Unit)::'lambda'()::operator()").origin, Origin::kProject);
}

TEST(Origin, ReplacedFunctionsAreTheSystems) {
  EXPECT_EQ(frame("malloc").origin, Origin::kSystem);
  EXPECT_EQ(frame("operator new").origin, Origin::kSystem);
  EXPECT_EQ(frame("pthread_create").origin, Origin::kSystem);
}

TEST(Origin, PathsTell) {
  EXPECT_EQ(frame("start_goroutine", "/opt/csp/include/csp/go.h").origin, Origin::kRuntime);
  EXPECT_EQ(frame("helper", "/usr/include/c++/12/bits/x.h").origin, Origin::kSystem);
  EXPECT_EQ(frame("", "", "/lib/x86_64-linux-gnu/libc.so.6").origin, Origin::kSystem);
  EXPECT_EQ(frame("mine", "").origin, Origin::kProject);
}

TEST(Origin, FirstOfProjectPrefersTheUsers) {
  const Stack stack = {frame("csp::Chan<int>::send"), frame("std::invoke"), frame("work")};
  EXPECT_EQ(first_of_project(stack)->function, "work");
  EXPECT_EQ(of_project(stack).size(), 1u);
}

TEST(Origin, WithoutAnyOfTheUsersTheSystemsIsShown) {
  const Stack stack = {frame("csp::Chan<int>::send"), frame("std::invoke")};
  EXPECT_EQ(first_of_project(stack)->function, "std::invoke");
  EXPECT_EQ(of_project(stack).size(), 2u);
  EXPECT_EQ(first_of_project({}), nullptr);
}

}  // namespace
}  // namespace csp::cli
