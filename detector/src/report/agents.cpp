#include "report/agents.h"

#include <link.h>

namespace csp::race {

void AgentList::add(const AgentRecord* agent) {
  for (; agent != nullptr; agent = agent->creator) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (infos_[i].agent.kind == agent->id.kind && infos_[i].agent.id == agent->id.id) return;
    }
    if (count_ == kCapacity) return;
    report::AgentInfo& info = infos_[count_];
    info.agent = agent->id;
    info.name = agent->name;
    info.ended = agent->ended;
    if (agent->creator != nullptr) info.created_by = agent->creator->id;
    info.creation_stack = {frames_[count_], expand(agent->creation, frames_[count_], kFrames)};
    ++count_;
  }
}

namespace {

// Stacks in use, for the report's "on the stack of": looked through when a race is reported only.
constinit SpinMutex stacks_mutex;
constinit AgentRecord** stacks = nullptr;
constinit std::size_t stack_count = 0;
constinit std::size_t stack_capacity = 0;

}  // namespace

void add_stack(AgentRecord* agent, Address low, std::size_t size) {
  SpinGuard guard(stacks_mutex);
  if (stack_count == stack_capacity) {
    const std::size_t capacity = stack_capacity == 0 ? 256 : stack_capacity * 2;
    auto* list = static_cast<AgentRecord**>(allocate(capacity * sizeof(AgentRecord*)));
    copy_bytes(list, stacks, stack_count * sizeof(AgentRecord*));
    if (stacks != nullptr) deallocate(stacks, stack_capacity * sizeof(AgentRecord*));
    stacks = list;
    stack_capacity = capacity;
  }
  agent->stack_low = low;
  agent->stack_size = size;
  agent->stack_index = stack_count;
  stacks[stack_count++] = agent;
}

void remove_stack(AgentRecord* agent) {
  SpinGuard guard(stacks_mutex);
  if (agent->stack_low == 0) return;
  AgentRecord* last = stacks[--stack_count];
  stacks[agent->stack_index] = last;
  last->stack_index = agent->stack_index;
  agent->stack_low = 0;
}

const AgentRecord* owner_of_stack(Address address) {
  SpinGuard guard(stacks_mutex);
  for (std::size_t i = 0; i < stack_count; ++i) {
    if (address - stacks[i]->stack_low < stacks[i]->stack_size) return stacks[i];
  }
  return nullptr;
}

bool in_module(Address address) {
  struct Search {
    Address address;
    bool found;
  } search{address, false};
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        auto* wanted = static_cast<Search*>(data);
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type == PT_LOAD && wanted->address - info->dlpi_addr - segment.p_vaddr < segment.p_memsz) {
            wanted->found = true;
          }
        }
        return wanted->found ? 1 : 0;
      },
      &search);
  return search.found;
}

}  // namespace csp::race
