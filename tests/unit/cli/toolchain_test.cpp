// What `csp-race c++` passes on: the libraries only where a program is linked, the flags only where one is compiled.

#include "toolchain/toolchain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace csp::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

Toolchain clang() {
  Toolchain result;
  result.compiler = "clang++-19";
  result.include_dirs = {"/p/include"};
  result.libraries = {"/p/lib/libcsp_detector.a"};
  result.link_flags = {"-pthread"};
  result.gcc_specs = "/p/lib/csp-race/gcc.specs";
  return result;
}

Toolchain gcc() {
  Toolchain result = clang();
  result.compiler = "/usr/bin/g++-12";
  return result;
}

TEST(CompilerCall, CompilesAndLinks) {
  const auto call = compiler_call(clang(), {"a.cpp", "-o", "a"});
  EXPECT_THAT(call, Contains("-fsanitize=thread"));
  EXPECT_THAT(call, Contains("-fno-sanitize-link-runtime"));
  EXPECT_THAT(call, Contains("-std=c++20"));
  EXPECT_THAT(call, Contains("-g"));
  EXPECT_THAT(call, Contains("/p/lib/libcsp_detector.a"));
}

TEST(CompilerCall, CompilesOnly) {
  const auto call = compiler_call(clang(), {"-c", "a.cpp"});
  EXPECT_THAT(call, Contains("-fsanitize=thread"));
  EXPECT_THAT(call, Not(Contains("-pthread")));
  EXPECT_THAT(call, Not(Contains("/p/lib/libcsp_detector.a")));
}

TEST(CompilerCall, LinksOnly) {
  const auto call = compiler_call(clang(), {"a.o", "-o", "a"});
  EXPECT_THAT(call, Contains("/p/lib/libcsp_detector.a"));
  EXPECT_THAT(call, Contains("-fno-sanitize-link-runtime"));
  EXPECT_THAT(call, Not(Contains("-std=c++20")));
}

TEST(CompilerCall, KeepsTheUsersStandardAndDebugLevel) {
  const auto call = compiler_call(clang(), {"-std=c++23", "-g1", "-c", "a.cpp"});
  EXPECT_THAT(call, Not(Contains("-std=c++20")));
  EXPECT_THAT(call, Not(Contains("-g")));
}

TEST(CompilerCall, CIsCompiledAsC) {
  const auto call = compiler_call(clang(), {"-c", "a.c"});
  EXPECT_THAT(call, Not(Contains("-std=c++20")));
  EXPECT_THAT(call, Contains("-fsanitize=thread"));
}

TEST(CompilerCall, AQuestionIsPassedOnAsItIs) {
  EXPECT_THAT(compiler_call(clang(), {"--version"}), ElementsAre("clang++-19", "--version"));
  EXPECT_THAT(compiler_call(clang(), {"-print-search-dirs"}), ElementsAre("clang++-19", "-print-search-dirs"));
}

TEST(CompilerCall, AValueIsNoInput) {
  EXPECT_THAT(compiler_call(clang(), {"-v", "-o", "a.cpp"}), Not(Contains("-fsanitize=thread")));
}

TEST(CompilerCall, ASharedLibraryGetsNoCopyOfTheDetector) {
  const auto call = compiler_call(clang(), {"-shared", "a.o", "-o", "liba.so"});
  EXPECT_THAT(call, Not(Contains("/p/lib/libcsp_detector.a")));
  EXPECT_THAT(call, Contains("-fno-sanitize-link-runtime"));
}

TEST(CompilerCall, StandardInputIsASource) {
  EXPECT_THAT(compiler_call(clang(), {"-x", "c++", "-", "-c"}), Contains("-fsanitize=thread"));
}

TEST(CompilerCall, GccNeverSeesTheFlagAtItsLinkStep) {
  const auto call = compiler_call(gcc(), {"-fsanitize=thread", "a.cpp", "-o", "a"});
  EXPECT_THAT(call, Not(Contains("-fsanitize=thread")));
  EXPECT_THAT(call, Contains("-specs=/p/lib/csp-race/gcc.specs"));
  EXPECT_THAT(call, Contains("-Wno-tsan"));
}

}  // namespace
}  // namespace csp::cli
