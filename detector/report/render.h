#pragma once
// A finding as text, in the two forms in which it can leave the process.

#include "csp/report/report.h"
#include "line_buffer.h"
#include "modules.h"

namespace csp::report {

/// One line of JSON, as README.md beside this file defines it.
void render_record(LineBuffer& out, std::int64_t pid, std::uint32_t number, const Finding& finding);

/// For a person, with places as module+offset: what we have without a reader that looks into debug information.
void render_text(LineBuffer& out, const ModuleTable& modules, const Finding& finding);

/// Writes JSON objects: `first_` knows whether a comma is due.
///
/// A key with an empty value (no text, no elements, address 0, nobody) is left out; numbers and booleans always stand.
class JsonObject {
 public:
  explicit JsonObject(LineBuffer& out) : out_(out) { out_.put('{'); }
  ~JsonObject() { out_.put('}'); }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  LineBuffer& key(const char* name);
  void text(const char* name, const char* value);
  void number(const char* name, std::uint64_t value) { key(name).put_decimal(value); }
  void number(const char* name, std::int64_t value) { key(name).put_decimal(value); }
  void boolean(const char* name, bool value) { key(name).put(value ? "true" : "false"); }
  void address(const char* name, std::uintptr_t value);
  void addresses(const char* name, Span<std::uintptr_t> values);
  void agent(const char* name, AgentId value);
  void hex_bytes(const char* name, const unsigned char* bytes, std::size_t size);

  /// `write(object, element)` for each element, in an array.
  template <class T, class Write>
  void objects(const char* name, Span<T> elements, Write write) {
    if (elements.size == 0) return;
    key(name).put('[');
    for (std::size_t i = 0; i < elements.size; ++i) {
      if (i != 0) out_.put(',');
      JsonObject object(out_);
      write(object, elements.data[i]);
    }
    out_.put(']');
  }

 private:
  LineBuffer& out_;
  bool first_ = true;
};

/// `text`, quoted and escaped. What is not UTF-8 becomes \u00XX byte by byte.
void put_json_string(LineBuffer& out, const char* text, std::size_t size);

}  // namespace csp::report
