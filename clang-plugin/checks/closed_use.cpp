#include "checks/closed_use.h"

namespace csp::lint {

Finding describe(const ClosedUse& use, std::string_view rule, std::string_view action, std::string_view done) {
  const std::string channel = use.channel.empty() ? "channel" : "channel '" + use.channel + "'";
  Finding finding;
  finding.rule = rule;
  finding.level = use.certain ? Level::kError : Level::kWarning;
  const bool is_called = use.use.call.isValid();
  finding.where = is_called ? use.use.call : use.use.where;

  finding.message = std::string(action) + (use.certain ? " closed " : " ") + channel;
  if (is_called) finding.message += ", in '" + use.use.callee + "'";
  if (!use.certain) {
    finding.message += use.other_goroutine                 ? ", which another goroutine closes too"
                       : use.op == Op::kSelectSend         ? ", which is closed when this select runs"
                       : use.use.where == use.closed.where ? ", which an earlier round of the loop may have closed"
                                                           : ", which may be closed already";
  }
  if (use.closed.drained) {
    finding.notes.push_back({use.closed.where, "this loop ends only when the channel is closed"});
  } else if (use.use.where == use.closed.where && !is_called) {
    finding.notes.push_back({use.closed.where, "closed here, and again when it runs the next time"});
  } else {
    finding.notes.push_back({use.closed.where, "closed here"});
  }
  if (use.closed.call.isValid()) {
    finding.notes.push_back({use.closed.call, "in the call of '" + use.closed.callee + "' from here"});
  }
  if (is_called) finding.notes.push_back({use.use.where, std::string(done) + " here"});
  return finding;
}

}  // namespace csp::lint
