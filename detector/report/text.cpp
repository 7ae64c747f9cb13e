#include "csp/report/system.h"
#include "render.h"

namespace csp::report {
namespace {

// Everything of one finding, indented under its first line.
class TextWriter {
 public:
  TextWriter(LineBuffer& out, const ModuleTable& modules) : out_(out), modules_(modules) {}

  void heading(const Finding& finding) {
    out_.put("csp-race: ");
    switch (finding.grade) {
      case Grade::kError:
        out_.put("error: ");
        break;
      case Grade::kWarning:
        out_.put("warning: ");
        break;
      case Grade::kNote:
        out_.put("note: ");
        break;
    }
    if (finding.message != nullptr && finding.message[0] != '\0') {
      out_.put(finding.message);
      out_.put(' ');
    }
    out_.put('[');
    out_.put(finding.rule);
    out_.put("]\n");
  }

  void access(const Access& access, bool earlier) {
    out_.put(earlier ? "  earlier " : "  ");
    if (access.atomic) out_.put("atomic ");
    switch (access.op) {
      case Op::kRead:
        out_.put("read of ");
        break;
      case Op::kWrite:
        out_.put("write of ");
        break;
      case Op::kFree:
        out_.put("free of ");
        break;
    }
    out_.put_decimal(std::uint64_t{access.size});
    out_.put(access.size == 1 ? " byte at " : " bytes at ");
    out_.put_hex(access.address);
    out_.put(" by ");
    agent(access.agent);
    out_.put(":\n");
    stack(access.stack);
  }

  void edge(const WaitEdge& edge) {
    out_.put("  ");
    agent(edge.agent);
    out_.put(" locked ");
    out_.put_hex(edge.held);
    out_.put(" here:\n");
    stack(edge.held_stack);
    out_.put("  and then ");
    out_.put_hex(edge.wanted);
    out_.put(" here:\n");
    stack(edge.wanted_stack);
  }

  void who(const AgentInfo& info) {
    out_.put("  ");
    agent(info.agent);
    if (info.name != nullptr && info.name[0] != '\0') {
      out_.put(" \"");
      out_.put(info.name);
      out_.put('"');
    }
    if (info.wait_reason != nullptr && info.wait_reason[0] != '\0') {
      out_.put(" [");
      out_.put(info.wait_reason);
      out_.put(']');
    }
    out_.put(info.ended ? " (ended):\n" : ":\n");
    stack(info.stack);
    if (info.creation_stack.size == 0) return;
    out_.put("   created");
    if (info.created_by.kind != AgentId::Kind::kNone) {
      out_.put(" by ");
      agent(info.created_by);
    }
    out_.put(" at:\n");
    stack(info.creation_stack);
  }

  void location(const Location& location) {
    switch (location.kind) {
      case Location::Kind::kUnknown:
        return;
      case Location::Kind::kHeap:
        out_.put("  in a heap block of ");
        break;
      case Location::Kind::kStack:
        out_.put("  on a stack of ");
        break;
      case Location::Kind::kGlobal:
        out_.put("  in a global of ");
        break;
      case Location::Kind::kThreadLocal:
        out_.put("  in a thread-local of ");
        break;
    }
    out_.put_decimal(std::uint64_t{location.size});
    out_.put(" bytes at ");
    out_.put_hex(location.address);
    if (location.stack.size != 0) out_.put(", allocated at:");
    out_.put('\n');
    stack(location.stack);
  }

 private:
  void agent(AgentId id) {
    switch (id.kind) {
      case AgentId::Kind::kNone:
        out_.put("somebody");
        return;
      case AgentId::Kind::kGoroutine:
        out_.put("goroutine ");
        break;
      case AgentId::Kind::kThread:
        out_.put("thread ");
        break;
    }
    out_.put_decimal(id.id);
  }

  // What addr2line -e module wants: the file's own address of the call, not of the instruction it returns to.
  void stack(Stack stack) {
    for (const std::uintptr_t pc : stack) {
      out_.put("    ");
      const std::uintptr_t call = pc - 1;
      if (const Module* module = modules_.find(call)) {
        const char* name = module->path;
        for (const char* at = name; *at != '\0'; ++at) {
          if (*at == '/') name = at + 1;
        }
        out_.put(name);
        out_.put('+');
        out_.put_hex(call - module->bias);
      } else {
        out_.put_hex(call);
      }
      out_.put('\n');
    }
  }

  LineBuffer& out_;
  const ModuleTable& modules_;
};

}  // namespace

void render_text(LineBuffer& out, const ModuleTable& modules, const Finding& finding) {
  TextWriter writer(out, modules);
  writer.heading(finding);
  for (std::size_t i = 0; i < finding.accesses.size; ++i) writer.access(finding.accesses.data[i], i != 0);
  writer.location(finding.location);
  for (const WaitEdge& edge : finding.edges) writer.edge(edge);
  for (const AgentInfo& agent : finding.agents) writer.who(agent);
}

}  // namespace csp::report
