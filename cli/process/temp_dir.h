#pragma once
// A directory of our own that goes when we do.

#include <filesystem>

namespace csp::cli {

class TempDir {
 public:
  /// Below $TMPDIR, or /tmp. Throws Error.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace csp::cli
