#include "toolchain/toolchain.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "error.h"
#include "version.h"

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Options whose value is the next word.
constexpr std::array<std::string_view, 36> kValueFollows = {"-o",           "-x",
                                                            "-I",           "-D",
                                                            "-U",           "-L",
                                                            "-l",           "-include",
                                                            "-imacros",     "-isystem",
                                                            "-idirafter",   "-iquote",
                                                            "-isysroot",    "-iprefix",
                                                            "-iwithprefix", "-MF",
                                                            "-MT",          "-MQ",
                                                            "-Xclang",      "-Xlinker",
                                                            "-Xassembler",  "-Xpreprocessor",
                                                            "-mllvm",       "-target",
                                                            "-arch",        "--param",
                                                            "-u",           "-T",
                                                            "-z",           "-e",
                                                            "-B",           "-A",
                                                            "-aux-info",    "-dumpbase",
                                                            "-dumpdir",     "-Xarch_host"};

// Options after which nothing is linked.
constexpr std::array<std::string_view, 12> kStopsBeforeLinking = {
    "-c",           "-S",           "-E",        "-M",        "-MM",        "-fsyntax-only",
    "--precompile", "--preprocess", "--analyze", "--compile", "--assemble", "-emit-ast"};

// What a word of a compiler call says about the whole.
struct Call {
  bool has_input = false;
  bool has_sources = false;
  bool links = true;
  bool makes_program = true;  // Not a shared library, nor a relocatable object.
  bool has_standard = false;
  bool has_debug_level = false;
};

bool is_source(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kSuffixes = {".cpp", ".cc", ".cxx", ".c++", ".C",    ".cp",
                                                                 ".c",   ".i",  ".ii",  ".s",   ".cppm", ".S"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [&](std::string_view suffix) { return word.ends_with(suffix); });
}

bool is_header(std::string_view word) {
  return word.ends_with(".h") || word.ends_with(".hpp") || word.ends_with(".hh") || word.ends_with(".hxx");
}

Call read_call(const std::vector<std::string>& words) {
  Call call;
  std::string language;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "-" || !word.starts_with('-')) {
      call.has_input = true;
      call.has_sources = call.has_sources || word == "-" || is_source(word) || is_header(word) ||
                         word.starts_with('@') || (!language.empty() && language != "none");
      if (is_header(word) || language.ends_with("-header")) call.links = false;
      continue;
    }
    if (contains(kStopsBeforeLinking, word)) call.links = false;
    if (word == "-shared" || word == "--shared" || word == "-r" || word == "-nostdlib" || word == "-nodefaultlibs") {
      call.makes_program = false;
    }
    if (word.starts_with("-std=") || word.starts_with("--std=")) call.has_standard = true;
    if (word.starts_with("-g")) call.has_debug_level = true;
    if (word == "-x" && i + 1 < words.size()) language = words[i + 1];
    if (word.starts_with("-x") && word.size() > 2) language = word.substr(2);
    if (contains(kValueFollows, word)) ++i;
  }
  return call;
}

bool is_gcc(const std::string& compiler) {
  const std::string name = fs::path(compiler).filename().string();
  return (name.find("g++") != std::string::npos && name.find("clang") == std::string::npos) ||
         name.starts_with("gcc") || name == "c++";
}

// With C input, -std=c++20 is an error.
bool all_c(const std::vector<std::string>& words) {
  bool any = false;
  for (const std::string& word : words) {
    if (word.starts_with('-') || !is_source(word)) continue;
    if (!word.ends_with(".c") && !word.ends_with(".s") && !word.ends_with(".S")) return false;
    any = true;
  }
  return any;
}

}  // namespace

fs::path own_directory() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) throw Error("cannot tell where csp-race is: " + error.message(), "mount /proc");
  return self.parent_path();
}

Toolchain find_toolchain() {
  const fs::path prefix = own_directory().parent_path();
  const fs::path file = prefix / kLibraryDir / "csp-race" / "toolchain.json";
  std::ifstream in(file);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!in.is_open() || !json.is_object()) {
    throw Error("cannot read " + file.string(), "install csp-race as a whole: cmake --install BUILD --prefix DIR");
  }
  // Paths are relative to the prefix in an installed tree, absolute in a build tree: operator/ does both.
  const auto paths = [&](const char* key) {
    std::vector<fs::path> result;
    for (const auto& item : json.value(key, nlohmann::json::array())) {
      const std::string text = item.get<std::string>();
      if (!text.empty()) result.push_back(text.starts_with('-') ? fs::path(text) : (prefix / text).lexically_normal());
    }
    return result;
  };
  Toolchain result;
  const char* chosen = std::getenv("CSP_RACE_CXX");
  result.compiler = chosen != nullptr && *chosen != '\0' ? chosen : json.value("compiler", "clang++-19");
  result.include_dirs = paths("include_dirs");
  result.libraries = paths("libraries");
  for (const auto& item : json.value("link_flags", nlohmann::json::array())) result.link_flags.push_back(item);
  result.gcc_specs = (prefix / json.value("gcc_specs", "")).lexically_normal();
  result.directory = file.parent_path();
  return result;
}

std::vector<std::string> compiler_call(const Toolchain& toolchain, const std::vector<std::string>& words) {
  const Call call = read_call(words);
  const bool gcc = is_gcc(toolchain.compiler);
  std::vector<std::string> result = {toolchain.compiler};
  // Without input it is a question (--version, -print-...): the compiler answers as ever.
  if (call.has_input) {
    if (call.has_sources) {
      if (!call.has_standard && !all_c(words)) result.push_back("-std=c++20");
      if (!call.has_debug_level) result.push_back("-g");
      result.push_back("-fno-omit-frame-pointer");
      // GCC warns of every fence under -fsanitize=thread; we model fences.
      if (gcc) result.push_back("-Wno-tsan");
#if defined(__x86_64__)
      // Without these GCC writes copies of middling size out in place, unchecked.
      if (gcc) {
        result.push_back("-mmemcpy-strategy=libcall:-1:noalign");
        result.push_back("-mmemset-strategy=libcall:-1:noalign");
      }
#endif
      for (const fs::path& dir : toolchain.include_dirs) {
        result.push_back("-isystem");
        result.push_back(dir.string());
      }
    }
    // Compiled with the flag, linked without the compiler's own detector. GCC has no option for that: the flag
    // goes to its compiler proper through a specs file, and so never reaches its linking.
    if (gcc) {
      result.push_back("-specs=" + toolchain.gcc_specs.string());
    } else if (call.has_sources || call.links) {
      result.push_back("-fsanitize=thread");
      if (call.links) result.push_back("-fno-sanitize-link-runtime");
    }
  }
  for (const std::string& word : words) {
    // Said again by a build system that knows TSan: at GCC's link step it would bring in libtsan.
    if (!(gcc && word == "-fsanitize=thread")) result.push_back(word);
  }
  if (call.has_input && call.links && call.makes_program) {
    result.insert(result.end(), toolchain.link_flags.begin(), toolchain.link_flags.end());
    result.push_back("-Wl,--start-group");
    for (const fs::path& library : toolchain.libraries) result.push_back(library.string());
    result.push_back("-Wl,--end-group");
  }
  return result;
}

}  // namespace csp::cli
