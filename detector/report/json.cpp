#include "csp/report/system.h"
#include "render.h"

namespace csp::report {
namespace {

// The length of the well-formed UTF-8 sequence at `text`, 0 when there is none (Unicode, table 3-7).
std::size_t utf8_sequence(const unsigned char* text, std::size_t size) {
  const unsigned char lead = text[0];
  std::size_t count = 0;
  unsigned char low = 0x80;   // Bounds of the second byte: they exclude overlong
  unsigned char high = 0xbf;  // forms, surrogates and what lies beyond U+10FFFF.
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) {
    count = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    count = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    count = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  }
  if (count == 0 || count > size || text[1] < low || text[1] > high) return 0;
  for (std::size_t i = 2; i < count; ++i) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  return count;
}

void put_escaped_byte(LineBuffer& out, unsigned char byte) {
  out.put("\\u00");
  out.put("0123456789abcdef"[byte >> 4]);
  out.put("0123456789abcdef"[byte & 15]);
}

const char* word(Op op) {
  switch (op) {
    case Op::kRead:
      return "read";
    case Op::kWrite:
      return "write";
    case Op::kFree:
      return "free";
  }
  __builtin_unreachable();
}

const char* word(Grade grade) {
  switch (grade) {
    case Grade::kError:
      return "error";
    case Grade::kWarning:
      return "warning";
    case Grade::kNote:
      return "note";
  }
  __builtin_unreachable();
}

const char* word(Location::Kind kind) {
  switch (kind) {
    case Location::Kind::kUnknown:
      return "unknown";
    case Location::Kind::kHeap:
      return "heap";
    case Location::Kind::kStack:
      return "stack";
    case Location::Kind::kGlobal:
      return "global";
    case Location::Kind::kThreadLocal:
      return "tls";
  }
  __builtin_unreachable();
}

void write_access(JsonObject& object, const Access& access) {
  object.text("op", word(access.op));
  object.boolean("atomic", access.atomic);
  object.address("address", access.address);
  object.number("size", std::uint64_t{access.size});
  object.agent("agent", access.agent);
  object.addresses("stack", access.stack);
  object.addresses("locks", access.locks_held);
}

void write_edge(JsonObject& object, const WaitEdge& edge) {
  object.agent("agent", edge.agent);
  object.address("held", edge.held);
  object.addresses("held_stack", edge.held_stack);
  object.address("wanted", edge.wanted);
  object.addresses("wanted_stack", edge.wanted_stack);
}

void write_agent(JsonObject& object, const AgentInfo& agent) {
  object.agent("agent", agent.agent);
  object.text("name", agent.name);
  object.boolean("ended", agent.ended);
  object.agent("created_by", agent.created_by);
  object.addresses("creation_stack", agent.creation_stack);
  object.text("wait_reason", agent.wait_reason);
  object.number("waiting_ns", agent.waiting_ns);
  object.addresses("waiting_on", agent.waiting_on);
  object.addresses("stack", agent.stack);
}

void write_object(JsonObject& object, const Object& described) {
  object.address("address", described.address);
  object.text("kind", described.kind);
  object.addresses("made_stack", described.made_stack);
}

void write_location(JsonObject& object, const Location& location) {
  object.text("kind", word(location.kind));
  object.address("address", location.address);
  object.number("size", std::uint64_t{location.size});
  object.agent("agent", location.agent);
  object.addresses("stack", location.stack);
}

}  // namespace

void put_json_string(LineBuffer& out, const char* text, std::size_t size) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  out.put('"');
  for (std::size_t i = 0; i < size;) {
    const unsigned char byte = bytes[i];
    const std::size_t sequence = utf8_sequence(bytes + i, size - i);
    if (byte < 0x20 || byte == 0x7f || sequence == 0) {
      put_escaped_byte(out, byte);
      ++i;
      continue;
    }
    if (byte == '"' || byte == '\\') out.put('\\');
    for (const std::size_t end = i + sequence; i < end; ++i) out.put(text[i]);
  }
  out.put('"');
}

LineBuffer& JsonObject::key(const char* name) {
  if (!first_) out_.put(',');
  first_ = false;
  out_.put('"');
  out_.put(name);
  out_.put("\":");
  return out_;
}

void JsonObject::text(const char* name, const char* value) {
  if (value != nullptr && *value != '\0') put_json_string(key(name), value, length(value));
}

void JsonObject::address(const char* name, std::uintptr_t value) {
  if (value == 0) return;
  key(name).put('"');
  out_.put_hex(value);
  out_.put('"');
}

void JsonObject::addresses(const char* name, Span<std::uintptr_t> values) {
  if (values.size == 0) return;
  key(name).put('[');
  for (std::size_t i = 0; i < values.size; ++i) {
    out_.put(i == 0 ? "\"" : ",\"");
    out_.put_hex(values.data[i]);
    out_.put('"');
  }
  out_.put(']');
}

void JsonObject::agent(const char* name, AgentId value) {
  if (value.kind == AgentId::Kind::kNone) return;
  key(name).put(value.kind == AgentId::Kind::kGoroutine ? "\"g" : "\"t");
  out_.put_decimal(value.id);
  out_.put('"');
}

void JsonObject::hex_bytes(const char* name, const unsigned char* bytes, std::size_t size) {
  if (size == 0) return;
  key(name).put('"');
  for (std::size_t i = 0; i < size; ++i) {
    out_.put("0123456789abcdef"[bytes[i] >> 4]);
    out_.put("0123456789abcdef"[bytes[i] & 15]);
  }
  out_.put('"');
}

void render_record(LineBuffer& out, std::int64_t pid, std::uint32_t number, const Finding& finding) {
  JsonObject record(out);
  record.text("t", "finding");
  record.number("pid", pid);
  record.number("number", std::uint64_t{number});
  record.text("rule", finding.rule);
  record.text("grade", word(finding.grade));
  record.text("message", finding.message);
  record.objects("accesses", finding.accesses, write_access);
  record.objects("edges", finding.edges, write_edge);
  record.objects("agents", finding.agents, write_agent);
  record.objects("objects", finding.objects, write_object);
  if (finding.location.kind != Location::Kind::kUnknown || finding.location.address != 0) {
    record.key("location");
    JsonObject location(out);
    write_location(location, finding.location);
  }
}

}  // namespace csp::report
