#include "symbolize/symbolizer.h"

#include <llvm/ADT/StringRef.h>
#include <llvm/DebugInfo/Symbolize/SymbolizableModule.h>
#include <llvm/DebugInfo/Symbolize/Symbolize.h>
#include <llvm/Demangle/Demangle.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "symbolize/origin.h"

namespace csp::cli {

namespace {

using llvm::symbolize::LLVMSymbolizer;
using llvm::symbolize::SymbolizableModule;
using PathKind = llvm::DILineInfoSpecifier::FileLineInfoKind;

// Qualified, with template arguments, without return type and parameters: what a reader looks for.
std::string readable_name(const std::string& linkage_name) {
  if (linkage_name == llvm::DILineInfo::BadString) return "";
  llvm::ItaniumPartialDemangler demangler;
  if (demangler.partialDemangle(linkage_name.c_str())) return linkage_name;  // Not mangled: a C function.
  if (!demangler.isFunction()) return llvm::demangle(linkage_name);
  std::size_t size = 0;
  char* name = demangler.getFunctionName(nullptr, &size);
  if (name == nullptr) return linkage_name;
  std::string result = name;
  std::free(name);  // NOLINT: the demangler's contract.
  return result;
}

// Relative to the compilation directory is how the compiler was told; DWARF's "./" prefixes were not.
std::string as_compiled(std::string file) {
  if (file == llvm::DILineInfo::BadString) return "";
  while (file.starts_with("./")) file.erase(0, 2);
  return file;
}

llvm::DIInliningInfo inlined_code(SymbolizableModule& module, std::uint64_t offset, PathKind kind) {
  return module.symbolizeInlinedCode({offset, llvm::object::SectionedAddress::UndefSection},
                                     {kind, llvm::DINameKind::LinkageName}, /*UseSymbolTable=*/true);
}

// Where the compiler merged or moved code it gives line 0, "no line in particular"; the instructions before it, in the same
// function, say which line it came with. `offset` itself when it has a line, or none near it has.
std::uint64_t nearest_with_line(SymbolizableModule& module, std::uint64_t offset) {
  constexpr std::uint64_t kFarthest = 64;  // In bytes: a handful of instructions.
  const llvm::DIInliningInfo here = inlined_code(module, offset, PathKind::RelativeFilePath);
  const std::uint32_t depth = here.getNumberOfFrames();
  if (depth == 0 || here.getFrame(0).Line != 0 || here.getFrame(0).FunctionName == llvm::DILineInfo::BadString) return offset;
  for (std::uint64_t back = 1; back <= kFarthest && back < offset; ++back) {
    const llvm::DIInliningInfo before = inlined_code(module, offset - back, PathKind::RelativeFilePath);
    if (before.getNumberOfFrames() == depth && before.getFrame(0).Line != 0 &&
        before.getFrame(0).FunctionName == here.getFrame(0).FunctionName) {
      return offset - back;
    }
  }
  return offset;
}

}  // namespace

struct Symbolizer::Binaries {
  LLVMSymbolizer llvm;
  std::map<std::string, SymbolizableModule*> opened;

  SymbolizableModule* open(const std::string& path) {
    const auto [entry, added] = opened.try_emplace(path, nullptr);
    if (added) {
      llvm::Expected<SymbolizableModule*> module = llvm.getOrCreateModuleInfo(path);
      if (module) {
        entry->second = *module;
      } else {
        // The frame then says module+offset, which is all that is known.
        llvm::consumeError(module.takeError());
      }
    }
    return entry->second;
  }

  static const ModuleRecord* module_of(const ProcessRecord& process, std::uint64_t address) {
    for (const ModuleRecord& module : process.modules) {
      if (address >= module.low && address < module.high) return &module;
    }
    return nullptr;
  }
};

Symbolizer::Symbolizer() : binaries_(std::make_unique<Binaries>()) {}
Symbolizer::~Symbolizer() = default;

Stack Symbolizer::stack(const ProcessRecord& process, const Pcs& return_addresses) {
  Stack result;
  for (const std::uint64_t return_address : return_addresses) {
    if (return_address == 0) continue;
    const std::uint64_t address = return_address - 1;
    const ModuleRecord* where = Binaries::module_of(process, address);
    Frame bare;
    bare.offset = address;
    if (where == nullptr) {
      result.push_back(bare);
      continue;
    }
    bare.module = where->path;
    bare.offset = address - where->bias;
    SymbolizableModule* module = binaries_->open(where->path);
    if (module == nullptr) {
      bare.origin = origin_of(bare);
      result.push_back(bare);
      continue;
    }
    const std::uint64_t described = nearest_with_line(*module, bare.offset);
    const auto look_up = [&](PathKind kind) { return inlined_code(*module, described, kind); };
    const llvm::DIInliningInfo as_written = look_up(PathKind::RelativeFilePath);
    const llvm::DIInliningInfo absolute = look_up(PathKind::AbsoluteFilePath);
    for (std::uint32_t i = 0; i < as_written.getNumberOfFrames(); ++i) {
      const llvm::DILineInfo& info = as_written.getFrame(i);
      Frame frame = bare;
      frame.function = readable_name(info.FunctionName);
      frame.place.file = as_compiled(info.FileName);
      if (i < absolute.getNumberOfFrames() && !frame.place.file.empty()) {
        frame.place.path = std::filesystem::path(absolute.getFrame(i).FileName).lexically_normal().string();
      }
      frame.place.line = info.Line;
      frame.place.column = info.Column;
      frame.inlined = i + 1 < as_written.getNumberOfFrames();
      frame.origin = origin_of(frame);
      result.push_back(std::move(frame));
    }
    if (as_written.getNumberOfFrames() == 0) {
      bare.origin = origin_of(bare);
      result.push_back(bare);
    }
  }
  return result;
}

std::optional<Variable> Symbolizer::variable(const ProcessRecord& process, std::uint64_t address) {
  const ModuleRecord* where = Binaries::module_of(process, address);
  if (where == nullptr) return std::nullopt;
  SymbolizableModule* module = binaries_->open(where->path);
  if (module == nullptr) return std::nullopt;
  const std::uint64_t offset = address - where->bias;
  const llvm::DIGlobal global = module->symbolizeData({offset, llvm::object::SectionedAddress::UndefSection});
  // The symbol table answers with the nearest symbol below, which may end before the address.
  if (global.Name == llvm::DILineInfo::BadString || (global.Size != 0 && offset >= global.Start + global.Size)) {
    return std::nullopt;
  }
  Variable result;
  result.name = llvm::demangle(global.Name);
  result.size = global.Size;
  if (!global.DeclFile.empty() && global.DeclFile != llvm::DILineInfo::BadString) {
    result.declared = {as_compiled(global.DeclFile), global.DeclFile, static_cast<unsigned>(global.DeclLine), 0};
  }
  return result;
}

}  // namespace csp::cli
