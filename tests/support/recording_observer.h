#pragma once
// Writes down what the runtime announces, so that a test can say which edges there are and which are not.

#include <csp/hooks.h>

#include <mutex>
#include <string>
#include <vector>

namespace csp::testing {

/// One announcement of interest.
struct Announcement {
  std::string verb;              // The Observer's member.
  std::uint64_t agent = 0;       // Id of the goroutine that announced it; 0 for a thread.
  const void* object = nullptr;  // Address, channel or peer.
  std::uint64_t peer = 0;        // handoff, readied: the other's id.
};

/// The process-wide recording. Installed for good by the first call of start().
class RecordingObserver {
 public:
  static void start() {
    static const bool installed = [] {
      static const hooks::Observer observer = table();
      return hooks::install(&observer) >= 0;
    }();
    (void)installed;
    const std::lock_guard lock(mutex());
    log().clear();
    recording() = true;
  }
  static std::vector<Announcement> stop() {
    const std::lock_guard lock(mutex());
    recording() = false;
    return log();
  }

 private:
  static std::mutex& mutex() {
    static std::mutex it;
    return it;
  }
  static std::vector<Announcement>& log() {
    static std::vector<Announcement> it;
    return it;
  }
  static bool& recording() {
    static bool it = false;
    return it;
  }
  /// The goroutine that the calling OS thread runs. Announcements come on the thread on which things happen, one after
  /// the other, and no code of a goroutine runs between its being suspended and the next being resumed.
  static std::uint64_t& current() {
    static thread_local std::uint64_t it = 0;
    return it;
  }
  static void add(const char* verb, const void* object, std::uint64_t peer = 0) {
    const std::lock_guard lock(mutex());
    if (recording()) log().push_back({verb, current(), object, peer});
  }

  static hooks::Observer table() {
    hooks::Observer it = hooks::kSilent;
    it.goroutine_created = [](hooks::Agent* child, hooks::Agent*, const void*) {
      add("goroutine_created", child, child->id);
    };
    it.goroutine_resumed = [](hooks::Agent* agent) {
      current() = agent->id;
      add("goroutine_resumed", agent, agent->id);
    };
    it.goroutine_suspended = [](hooks::Agent* agent) {
      add("goroutine_suspended", agent, agent->id);
      current() = 0;
    };
    it.goroutine_ended = [](hooks::Agent* agent) {
      add("goroutine_ended", agent, agent->id);
      current() = 0;
    };
    it.stack_assigned = [](void* low, std::size_t) { add("stack_assigned", low); };
    it.acquire = [](const void* address) { add("acquire", address); };
    it.release = [](const void* address) { add("release", address); };
    it.release_merge = [](const void* address) { add("release_merge", address); };
    it.handoff = [](hooks::Agent* peer) { add("handoff", peer, peer->id); };
    it.channel_made = [](const void* channel, std::size_t, const void*) { add("channel_made", channel); };
    it.channel_closed = [](const void* channel, const void*) { add("channel_closed", channel); };
    it.channel_destroyed = [](const void* channel) { add("channel_destroyed", channel); };
    it.parked = [](hooks::Agent* agent, hooks::WaitReason reason, const void* object, const void*) {
      add(reason == hooks::WaitReason::kMainWait ? "parked in run" : "parked", object, agent->id);
    };
    it.readied = [](hooks::Agent* agent) { add("readied", agent, agent->id); };
    return it;
  }
};

}  // namespace csp::testing
