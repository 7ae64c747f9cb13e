#pragma once
// What both versions of the word index share: finding the files of a source tree, reading them, cutting
// them into words, and printing the result. Nothing in here is shared between goroutines.

#include <csp/csp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

namespace demo {

namespace fs = std::filesystem;

struct Document {
  fs::path path;
  std::string text;
};

/// How often each word occurs.
using WordCounts = std::unordered_map<std::string, std::size_t>;

/// A name and a number, as the lists of the result show them.
struct Ranked {
  std::string name;
  std::size_t count = 0;
};

inline bool is_source(const fs::path& path) {
  constexpr std::array<std::string_view, 11> kExtensions{".c",  ".cc",  ".cpp", ".h",  ".hpp",  ".go",
                                                         ".md", ".txt", ".py",  ".sh", ".cmake"};
  const std::string extension = path.extension().string();
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

/// Build trees and hidden directories hold nothing that a person has written.
inline bool is_skipped(const fs::path& directory) {
  const std::string name = directory.filename().string();
  return name.starts_with('.') || name.starts_with("build");
}

/// Calls `visit(path)` for the source files below `root`, until it returns false.
template <class Visit>
void walk_sources(const fs::path& root, Visit visit) {
  std::error_code error;
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied, error);
  if (error) {
    std::fprintf(stderr, "word_index: %s: %s\n", root.c_str(), error.message().c_str());
    return;
  }
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error)) {
      if (is_skipped(entry->path())) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error) && is_source(entry->path())) {
      if (!visit(entry->path())) return;
    }
  }
}

/// The file's text; empty when it cannot be read, which is said on stderr.
inline std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) std::fprintf(stderr, "word_index: cannot read %s\n", path.c_str());
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

/// Words are runs of at least three letters, in lower case.
inline WordCounts count_words(std::string_view text) {
  constexpr std::size_t kShortest = 3;
  WordCounts counts;
  std::string word;
  const auto finish_word = [&] {
    if (word.size() >= kShortest) ++counts[word];
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalpha(byte)) {
      word.push_back(static_cast<char>(std::tolower(byte)));
    } else {
      finish_word();
    }
  }
  finish_word();
  return counts;
}

/// The `limit` most frequent entries; equals in alphabetical order.
inline std::vector<Ranked> most_frequent(const WordCounts& counts, std::size_t limit) {
  std::vector<Ranked> ranked;
  ranked.reserve(counts.size());
  for (const auto& [name, count] : counts) ranked.push_back({name, count});
  std::sort(ranked.begin(), ranked.end(),
            [](const Ranked& a, const Ranked& b) { return a.count != b.count ? a.count > b.count : a.name < b.name; });
  ranked.resize(std::min(limit, ranked.size()));
  return ranked;
}

inline void print(const char* title, const std::vector<Ranked>& list) {
  std::printf("%s\n", title);
  for (const Ranked& entry : list) std::printf("  %8zu  %s\n", entry.count, entry.name.c_str());
}

/// The tree to index: the first argument, else the source tree this program was built from.
inline fs::path tree_of(int argc, char** argv) { return argc > 1 ? argv[1] : DEMO_DEFAULT_TREE; }

}  // namespace demo
