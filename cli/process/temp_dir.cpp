#include "process/temp_dir.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "error.h"

namespace csp::cli {

TempDir::TempDir() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  std::string name = ((error ? "/tmp" : parent) / "csp-race-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(fmt::format("cannot make a temporary directory {}: {}", name, std::strerror(errno)),
                "set TMPDIR to a directory with room that you may write to");
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;  // A leftover in the temporary directory is not worth failing for.
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace csp::cli
