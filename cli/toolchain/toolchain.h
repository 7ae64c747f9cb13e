#pragma once
// What a program needs to be compiled and linked for csp-race. CMake writes it beside the libraries, in the build
// tree and in the installed one.

#include <filesystem>
#include <string>
#include <vector>

namespace csp::cli {

struct Toolchain {
  std::string compiler;  // $CSP_RACE_CXX, or the one that csp-race was built for.
  std::vector<std::filesystem::path> include_dirs;
  std::vector<std::filesystem::path> libraries;  // In link order.
  std::vector<std::string> link_flags;
  std::filesystem::path gcc_specs;  // Makes GCC instrument without linking its own detector.
  std::filesystem::path directory;  // Where this was read from.
};

/// The directory that holds csp-race itself.
std::filesystem::path own_directory();

/// Throws Error when csp-race was copied away from its libraries.
Toolchain find_toolchain();

/// What the compiler `toolchain.compiler` must be called with for the words of a user's compiler call: compile
/// only, link only, both, or neither are told apart as the compiler does. The first word is the compiler.
std::vector<std::string> compiler_call(const Toolchain& toolchain, const std::vector<std::string>& words);

}  // namespace csp::cli
