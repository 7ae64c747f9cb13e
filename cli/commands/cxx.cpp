// csp-race c++: the compiler, with every flag that a program for csp-race needs.

#include <iostream>

#include "command.h"
#include "error.h"
#include "process/child.h"
#include "toolchain/toolchain.h"

namespace csp::cli {

namespace {

int run(const std::vector<std::string>& words) {
  if (words.empty()) throw Error("no input files", "csp-race c++ -O1 main.cpp -o main");
  // All words are the compiler's, --help included: it stands in for it in any build system.
  become(compiler_call(find_toolchain(), words));
}

}  // namespace

const Command kCxxCommand = {"c++", "the compiler, with every flag and library needed", run};

}  // namespace csp::cli
