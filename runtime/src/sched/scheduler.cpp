#include "sched/scheduler.h"

#include <cstdlib>
#include <new>
#include <utility>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/fatal.h"
#include "base/futex.h"
#include "base/pause.h"
#include "base/private_data.h"
#include "csp/go.h"
#include "sched/death.h"
#include "sched/policy.h"

namespace csp::rt {

CSP_PRIVATE_DATA constinit Scheduler scheduler;

namespace {

// Not C++ thread_locals: those may need a guard or a constructor, and the compiler may keep their
// addresses. Everybody outside of this file goes through functions that are not inlined.
__thread Machine* thread_machine = nullptr;
__thread Goroutine* thread_goroutine = nullptr;

[[gnu::noinline]] void set_thread_goroutine(Goroutine* goroutine) {
  asm volatile("" ::: "memory");
  thread_goroutine = goroutine;
}

void land(const Arrival& arrival) {
  // Taken out, not left behind: a search for leaks would find the landing's argument, a lock inside a channel.
  const Departure departure = std::exchange(*static_cast<Departure*>(arrival.message), {});
  if (departure.goroutine == nullptr) {
    departure.machine->context = arrival.from;
    return;
  }
  departure.goroutine->context = arrival.from;
  departure.landing(departure.goroutine, departure.argument);
}

// ---- queues ----------------------------------------------------------------------------------

/// Adds to the global queue. Needs Scheduler::lock.
void push_global(Goroutine* goroutine) {
  scheduler.queue.push(goroutine);
  scheduler.queued.store(scheduler.queue.size(), std::memory_order_relaxed);
}

Goroutine* pop_global() {
  if (scheduler.queue.empty()) return nullptr;
  Goroutine* goroutine = nullptr;
  if (seeded()) {
    // Bounded, so that a pick from a hundred thousand stays cheap.
    constexpr std::uint32_t kWindow = 64;
    const std::uint32_t size = scheduler.queue.size();
    goroutine = scheduler.queue.take(choose(Choice::kNext, size < kWindow ? size : kWindow));
  } else {
    goroutine = scheduler.queue.pop();
  }
  scheduler.queued.store(scheduler.queue.size(), std::memory_order_relaxed);
  return goroutine;
}

void push_global_locked(Goroutine* goroutine) {
  scheduler.lock.lock();
  push_global(goroutine);
  scheduler.lock.unlock();
}

/// Moves half of a full local queue to the global one. Needs the processor's lock, and gives it up: the order of locks.
void spill(Processor& processor) {
  constexpr std::uint32_t kHalf = RunQueue::kCapacity / 2;
  GoroutineList spilled;
  for (std::uint32_t i = 0; i < kHalf; ++i) spilled.push(processor.queue.pop());
  processor.lock.unlock();
  scheduler.lock.lock();
  while (Goroutine* goroutine = spilled.pop()) push_global(goroutine);
  scheduler.lock.unlock();
}

bool has_work(const Processor& processor) { return processor.run_next != nullptr || !processor.queue.empty(); }

bool is_retired(const Processor& processor) {
  return processor.index >= scheduler.processor_count.load(std::memory_order_relaxed);
}

/// `goroutine` runs on `machine` from now on. Needs the processor's lock, under which freeze() looks.
void set_running(Machine& machine, Processor& processor, Goroutine* goroutine) {
  ++processor.ticks;
  if (processor.until_global > 0) --processor.until_global;
  goroutine->state.store(GoroutineState::kRunning, std::memory_order_relaxed);
  machine.current.store(goroutine, std::memory_order_relaxed);
}

/// The next goroutine of the machine's own processor, now running; null when it has none, or when the machine should
/// look up: processor lost or retired, frozen, or time to serve the global queue.
Goroutine* pop_local(Machine& machine) {
  // A pair that wakes each other through run_next yields to the queue once in so many.
  constexpr std::uint32_t kStreakMax = 128;

  Processor* processor = machine.processor;
  if (processor == nullptr) return nullptr;
  processor->lock.lock();
  Goroutine* goroutine = nullptr;
  const bool look_up = processor->machine != &machine || scheduler.frozen.load(std::memory_order_relaxed) != 0 ||
                       is_retired(*processor) || processor->until_global == 0;
  if (!look_up) {
    if (processor->run_next != nullptr && (processor->run_next_streak < kStreakMax || processor->queue.empty())) {
      goroutine = processor->run_next;
      processor->run_next = nullptr;
      ++processor->run_next_streak;
    } else {
      goroutine = processor->queue.pop();
      processor->run_next_streak = 0;
    }
    if (goroutine != nullptr) set_running(machine, *processor, goroutine);
  }
  processor->lock.unlock();
  return goroutine;
}

/// Marks `goroutine`, taken from elsewhere, as running, unless the machine has lost its processor or all is frozen:
/// then it goes to the global queue and null is returned.
Goroutine* claim(Machine& machine, Goroutine* goroutine) {
  Processor& processor = *machine.processor;
  processor.lock.lock();
  const bool may = processor.machine == &machine && scheduler.frozen.load(std::memory_order_relaxed) == 0;
  if (may) set_running(machine, processor, goroutine);
  processor.lock.unlock();
  if (may) return goroutine;
  push_global_locked(goroutine);
  return nullptr;
}

// ---- processors and machines -----------------------------------------------------------------

/// Needs Scheduler::lock.
void give_processor(Processor& processor, Machine* machine) {
  processor.lock.lock();
  const bool was_busy = processor.machine != nullptr;
  processor.machine = machine;
  processor.lock.unlock();
  if (machine != nullptr) machine->processor = &processor;
  if (!was_busy && machine != nullptr) scheduler.busy_processor_count.fetch_add(1);
  if (was_busy && machine == nullptr) scheduler.busy_processor_count.fetch_sub(1);
}

/// Needs Scheduler::lock. The processor has no work and no machine.
void push_idle(Processor& processor) {
  if (is_retired(processor)) return;
  processor.next_idle = scheduler.idle_processors;
  scheduler.idle_processors = &processor;
  scheduler.idle_processor_count.fetch_add(1);
}

/// Needs Scheduler::lock. Null when all are busy.
Processor* pop_idle() {
  while (Processor* processor = scheduler.idle_processors) {
    scheduler.idle_processors = processor->next_idle;
    scheduler.idle_processor_count.fetch_sub(1);
    if (!is_retired(*processor)) return processor;
  }
  return nullptr;
}

/// Needs Scheduler::lock.
void remove_idle(Machine& machine) {
  Machine** link = &scheduler.idle_machines;
  while (*link != &machine) link = &(*link)->next_idle;
  *link = machine.next_idle;
  if (scheduler.timed_machine == &machine) scheduler.timed_machine = nullptr;
  machine.timed = false;
}

/// Takes a sleeping machine off the list, the one that minds the timers last; null when none sleeps. Needs
/// Scheduler::lock.
Machine* take_idle_machine() {
  Machine* machine = scheduler.idle_machines;
  if (machine != nullptr && machine->timed && machine->next_idle != nullptr) machine = machine->next_idle;
  if (machine != nullptr) remove_idle(*machine);
  return machine;
}

void rouse(Machine& machine) {
  machine.wake_word.store(1, std::memory_order_release);
  futex_wake(machine.wake_word);
}

void* machine_main(void* argument);

Machine* new_machine() {
  void* memory = mmap(nullptr, sizeof(Machine), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fatal("out of memory for OS threads");
  auto* machine = new (memory) Machine;
  Machine* first = scheduler.machines.load(std::memory_order_relaxed);
  do {
    machine->next = first;
  } while (!scheduler.machines.compare_exchange_weak(first, machine, std::memory_order_release));
  scheduler.machine_count.fetch_add(1);
  return machine;
}

void start_thread(Machine& machine) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  set_program_mask(attributes);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, machine_main, &machine);
  pthread_attr_destroy(&attributes);
  if (error != 0) fatal("cannot create an OS thread");
}

/// Sets a machine to work with `processor`, which has none. Needs Scheduler::lock, and gives it up.
void start_machine(Processor& processor, bool spinning) {
  Machine* machine = take_idle_machine();
  const bool is_new = machine == nullptr;
  if (is_new) machine = new_machine();
  machine->spinning = spinning;
  give_processor(processor, machine);
  scheduler.lock.unlock();
  if (is_new) {
    start_thread(*machine);
  } else {
    rouse(*machine);
  }
  wake_sysmon();
}

/// Somebody became runnable: if a processor is idle and nobody looks for work already, somebody should.
void wake_one() {
  if (scheduler.idle_processor_count.load(std::memory_order_relaxed) == 0) return;
  int none = 0;
  if (scheduler.spinning.load(std::memory_order_relaxed) != 0 || !scheduler.spinning.compare_exchange_strong(none, 1)) {
    return;
  }
  scheduler.lock.lock();
  if (Processor* processor = pop_idle()) {
    start_machine(*processor, true);
    return;
  }
  scheduler.lock.unlock();
  scheduler.spinning.fetch_sub(1);
}

/// The machine gives its processor away: to another machine if there is work, else to the idle ones.
void release_processor(Machine& machine) {
  Processor* processor = machine.processor;
  machine.processor = nullptr;
  if (processor == nullptr) return;
  scheduler.lock.lock();
  processor->lock.lock();
  const bool held = processor->machine == &machine;
  const bool work = has_work(*processor);
  processor->lock.unlock();
  if (!held) {
    scheduler.lock.unlock();
    return;
  }
  give_processor(*processor, nullptr);
  if (!is_retired(*processor) && (work || !scheduler.queue.empty())) {
    start_machine(*processor, false);
    return;
  }
  if (is_retired(*processor)) {
    processor->lock.lock();
    if (processor->run_next != nullptr) push_global(processor->run_next);
    processor->run_next = nullptr;
    while (Goroutine* goroutine = processor->queue.pop()) push_global(goroutine);
    processor->lock.unlock();
  }
  push_idle(*processor);
  scheduler.lock.unlock();
  if (scheduler.queued.load(std::memory_order_relaxed) != 0) wake_one();
}

/// True when the machine holds a processor now.
bool acquire_processor(Machine& machine) {
  scheduler.lock.lock();
  Processor* processor = pop_idle();
  if (processor != nullptr) give_processor(*processor, &machine);
  scheduler.lock.unlock();
  return processor != nullptr;
}

bool holds_processor(Machine& machine) {
  Processor* processor = machine.processor;
  if (processor == nullptr) return false;
  processor->lock.lock();
  const bool held = processor->machine == &machine;
  processor->lock.unlock();
  if (!held) machine.processor = nullptr;
  return held;
}

// ---- finding work ----------------------------------------------------------------------------

void stop_spinning(Machine& machine) {
  if (!machine.spinning) return;
  machine.spinning = false;
  scheduler.spinning.fetch_sub(1);
}

/// Takes a fair share of the global queue: one to run, the rest to the local queue.
Goroutine* take_global(Machine& machine) {
  if (scheduler.queued.load(std::memory_order_relaxed) == 0) return nullptr;
  GoroutineList batch;
  scheduler.lock.lock();
  const auto processors = static_cast<std::uint32_t>(scheduler.processor_count.load(std::memory_order_relaxed));
  std::uint32_t count = seeded() ? 1 : scheduler.queue.size() / processors + 1;
  if (count > RunQueue::kCapacity / 2) count = RunQueue::kCapacity / 2;
  Goroutine* first = pop_global();
  while (--count > 0) {
    Goroutine* goroutine = pop_global();
    if (goroutine == nullptr) break;
    batch.push(goroutine);
  }
  scheduler.lock.unlock();
  Processor& processor = *machine.processor;
  processor.lock.lock();
  while (!processor.queue.full()) {
    Goroutine* goroutine = batch.pop();
    if (goroutine == nullptr) break;
    processor.queue.push(goroutine);
  }
  processor.lock.unlock();
  while (Goroutine* goroutine = batch.pop()) push_global_locked(goroutine);
  return first;
}

/// True once in kGlobalEvery goroutines.
bool is_turn_of_global(Processor& processor) {
  processor.lock.lock();
  const bool turn = processor.until_global == 0;
  if (turn) processor.until_global = kGlobalEvery;
  processor.lock.unlock();
  return turn;
}

/// What a thief saw in a victim's run_next: it takes it only when it finds the same a moment later, since a
/// goroutine that is about to be run by its own processor is not worth moving.
struct Glimpse {
  Goroutine* goroutine = nullptr;
  std::uint32_t ticks = 0;
};

/// Takes half of the victim's queue: one to run, the rest to the local queue.
Goroutine* steal_from(Processor& victim, Machine& machine, Glimpse& glimpse) {
  constexpr std::uint32_t kBatch = RunQueue::kCapacity / 2;
  Goroutine* stolen[kBatch];
  std::uint32_t count = 0;
  victim.lock.lock();
  for (std::uint32_t want = (victim.queue.size() + 1) / 2; count < want; ++count) stolen[count] = victim.queue.pop();
  if (count == 0 && victim.run_next != nullptr) {
    if (glimpse.goroutine == victim.run_next && glimpse.ticks == victim.ticks) {
      stolen[count++] = victim.run_next;
      victim.run_next = nullptr;
    } else {
      glimpse = {victim.run_next, victim.ticks};
    }
  }
  victim.lock.unlock();
  if (count == 0) return nullptr;
  Processor& processor = *machine.processor;
  processor.lock.lock();
  std::uint32_t moved = 1;
  for (; moved < count && !processor.queue.full(); ++moved) processor.queue.push(stolen[moved]);
  processor.lock.unlock();
  for (; moved < count; ++moved) push_global_locked(stolen[moved]);
  return stolen[0];
}

Goroutine* steal(Machine& machine) {
  const int count = scheduler.processor_count.load(std::memory_order_relaxed);
  if (count == 1) return nullptr;
  // Go's numbers would do as well; the last rounds come late enough for a run_next to count as left lying.
  constexpr int kRounds = 4;
  constexpr int kPausesBetween = 50;
  Glimpse glimpse;
  const auto start = static_cast<int>(choose(Choice::kVictim, static_cast<std::uint32_t>(count)));
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < count; ++i) {
      Processor* victim = scheduler.processors[(start + i) % count].load(std::memory_order_acquire);
      if (victim == nullptr || victim == machine.processor) continue;
      if (Goroutine* goroutine = steal_from(*victim, machine, glimpse)) return goroutine;
    }
    for (int i = 0; i < kPausesBetween; ++i) cpu_pause();
    if (scheduler.queued.load(std::memory_order_relaxed) != 0) return nullptr;
  }
  return nullptr;
}

/// Whether any queue holds a goroutine. Takes every lock once: see the head of scheduler.h.
bool work_anywhere() {
  scheduler.lock.lock();
  bool found = !scheduler.queue.empty();
  scheduler.lock.unlock();
  for (int i = 0; i < kProcessorsMax && !found; ++i) {
    Processor* processor = scheduler.processors[i].load(std::memory_order_acquire);
    if (processor == nullptr) break;
    processor->lock.lock();
    found = has_work(*processor);
    processor->lock.unlock();
  }
  return found;
}

/// Sleeps until somebody gives the machine a processor, or the next timer is due and the machine is the one to mind it.
void sleep_machine(Machine& machine) {
  Nanoseconds timeout = -1;
  scheduler.lock.lock();
  machine.wake_word.store(0, std::memory_order_relaxed);
  machine.next_idle = scheduler.idle_machines;
  scheduler.idle_machines = &machine;
  if (scheduler.timed_machine == nullptr) {
    if (const Nanoseconds due = next_timer(); due != kNever) {
      const Nanoseconds now = now_ns();
      timeout = due > now ? due - now : 0;
      machine.timed = true;
      scheduler.timed_machine = &machine;
    }
  }
  scheduler.lock.unlock();

  while (machine.wake_word.load(std::memory_order_acquire) == 0) {
    if (timeout == 0) break;
    futex_wait(machine.wake_word, 0, timeout);
    if (timeout > 0) break;  // Woken or due: whichever, look around.
  }

  scheduler.lock.lock();
  if (machine.wake_word.load(std::memory_order_relaxed) == 0) {
    remove_idle(machine);
    // Outside time went by while a thread we do not control kept the virtual clock from jumping.
    if (timeout >= 0 && virtual_time()) advance_virtual_time(next_timer() == kNever ? 0 : next_timer());
  }
  scheduler.lock.unlock();
  refresh_coarse_now();
}

/// Under virtual time: if everybody waits, it is the next timer's turn. True when the clock moved.
bool jump_to_next_timer() {
  if (!virtual_time()) return false;
  scheduler.lock.lock();
  const bool quiet = only_timers_can_wake();
  scheduler.lock.unlock();
  const Nanoseconds due = next_timer();
  if (!quiet || due == kNever) return false;
  advance_virtual_time(due);
  return true;
}

void run_due_timers() {
  if (next_timer() == kNever) return;
  const Nanoseconds now = now_ns();
  if (next_timer() <= now) poll_timers(now);
}

void wait_while_frozen() {
  for (std::uint32_t depth; (depth = scheduler.frozen.load(std::memory_order_acquire)) != 0;) {
    futex_wait(scheduler.frozen, depth);
  }
}

/// Returns the next goroutine to run, marked as running. Blocks until there is one.
Goroutine* find_work(Machine& machine) {
  machine.current.store(nullptr, std::memory_order_release);
  for (;;) {
    wait_while_frozen();
    if (machine.processor != nullptr && is_retired(*machine.processor)) release_processor(machine);
    if (!holds_processor(machine) && !acquire_processor(machine)) {
      stop_spinning(machine);
      sleep_machine(machine);
      continue;
    }
    refresh_coarse_now();
    run_due_timers();

    Goroutine* goroutine = nullptr;
    if (is_turn_of_global(*machine.processor)) goroutine = take_global(machine);
    if (goroutine == nullptr) {
      goroutine = pop_local(machine);
      if (goroutine != nullptr) {
        if (machine.spinning) {
          stop_spinning(machine);
          wake_one();
        }
        return goroutine;
      }
      goroutine = take_global(machine);
    }
    if (goroutine == nullptr) {
      if (!machine.spinning && 2 * scheduler.spinning.load(std::memory_order_relaxed) <
                                   scheduler.busy_processor_count.load(std::memory_order_relaxed)) {
        machine.spinning = true;
        scheduler.spinning.fetch_add(1);
      }
      if (machine.spinning) goroutine = steal(machine);
    }
    if (goroutine != nullptr) {
      const bool was_spinning = machine.spinning;
      stop_spinning(machine);
      goroutine = claim(machine, goroutine);
      if (was_spinning) wake_one();
      if (goroutine != nullptr) return goroutine;
      continue;
    }

    // Nothing to do. First stop being seen as somebody who finds work, then look once more.
    release_processor(machine);
    stop_spinning(machine);
    if (work_anywhere() || jump_to_next_timer()) {
      if (acquire_processor(machine)) continue;
    } else {
      check_deadlock();
    }
    sleep_machine(machine);
  }
}

// ---- switching -------------------------------------------------------------------------------

/// Gives a goroutine that has not run yet a stack.
void prepare(Goroutine& goroutine) {
  if (goroutine.stack) return;
  goroutine.stack = take_stack(goroutine.stack_size);
  const StackBounds bounds = goroutine.stack.bounds;
  hooks::announce(&hooks::Observer::stack_assigned, bounds.low, bounds.size);
  goroutine.context = make_context(bounds);
}

void* machine_main(void* argument) {
  Machine& machine = *static_cast<Machine*>(argument);
  thread_machine = &machine;
  machine.stack = thread_stack();
  // release: pairs with the acquire in visit_private(), which reads `stack` after it.
  machine.frames_end.store(__builtin_frame_address(0), std::memory_order_release);
  use_alternate_signal_stack();
  for (;;) {
    Goroutine* goroutine = find_work(machine);
    prepare(*goroutine);
    set_thread_goroutine(goroutine);
    machine.departure = {.machine = &machine};
    land(switch_to(goroutine->context, goroutine->stack.bounds, &machine.departure));
  }
}

/// Where the caller goes from here. Marked as running already.
struct Destination {
  Context context;
  StackBounds bounds;
};

Destination next_destination(Machine& machine) {
  Goroutine* next = pop_local(machine);
  set_thread_goroutine(next);
  if (next == nullptr) return {machine.context, machine.stack};
  prepare(*next);
  return {next->context, next->stack.bounds};
}

/// The end of a goroutine, once it has left its stack for good.
void bury(Goroutine* goroutine, void* /*argument*/) {
  Strand* waiter = goroutine->waiter;
  goroutine->waiter = nullptr;
  goroutine->state.store(GoroutineState::kMade, std::memory_order_relaxed);
  give_stack(goroutine->stack);
  ::operator delete(goroutine->name);
  goroutine->name = nullptr;
  free_goroutine(goroutine);
  if (waiter != nullptr) ready(*waiter);
}

/// The catch clause sits here, at the very bottom, and names one type: any other exception finds no
/// handler, so that the throw ends in std::terminate with nothing unwound (see die_of_exception).
[[gnu::noinline]] void run_closure(Goroutine& goroutine) {
  try {
    goroutine.invoke(goroutine.closure);
  } catch (const detail::Goexit&) {
    if (goroutine.is_main) {
      scheduler.main_exited.store(true, std::memory_order_relaxed);
      goroutine.waiter = nullptr;  // run() does not return.
    }
  }
}

void make_processors(int count) {
  for (int i = 0; i < count; ++i) {
    if (scheduler.processors[i].load(std::memory_order_relaxed) != nullptr) continue;
    void* memory = mmap(nullptr, sizeof(Processor), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fatal("out of memory for processors");
    auto* processor = new (memory) Processor;
    processor->index = i;
    scheduler.processors[i].store(processor, std::memory_order_release);
  }
}

int first_processor_count() {
  if (seeded()) return 1;
  if (const char* text = std::getenv("CSP_PROCS"); text != nullptr && *text != '\0') {
    char* end = nullptr;
    const long count = std::strtol(text, &end, 10);
    if (*end == '\0' && count > 0 && count <= kProcessorsMax) return static_cast<int>(count);
    DyingWords words(hooks::Death::kFatal, "fatal error: bad CSP_PROCS: ", text);
    words.die();
  }
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0) return 1;
  const int count = CPU_COUNT(&cpus);
  return count < kProcessorsMax ? count : kProcessorsMax;
}

constinit std::atomic<int> start_state{0};

[[gnu::noinline]] void start() {
  enum : int { kNot, kStarting, kStarted };
  int expected = kNot;
  if (start_state.compare_exchange_strong(expected, kStarting)) {
    install_death();
    install_fork_handlers();
    const int count = first_processor_count();
    scheduler.lock.lock();
    make_processors(count);
    scheduler.processor_count.store(count);
    for (int i = count; i-- > 0;) push_idle(*scheduler.processors[i].load(std::memory_order_relaxed));
    scheduler.lock.unlock();
    refresh_coarse_now();
    start_sysmon();
    start_state.store(kStarted, std::memory_order_release);
  }
  while (start_state.load(std::memory_order_acquire) != kStarted) cpu_pause();
}

}  // namespace

void restart_scheduler() {
  // The calling goroutine keeps its machine, which gets a processor; all else is as at the start. Records of what is
  // gone are not reused: their threads do not exist.
  const int count = scheduler.processor_count.load(std::memory_order_relaxed);
  for (auto& processor : scheduler.processors) processor.store(nullptr, std::memory_order_relaxed);
  make_processors(count);
  Machine* machine = thread_machine;
  if (machine != nullptr) {
    machine->next = nullptr;
    machine->processor = nullptr;
    stop_spinning(*machine);
  }
  scheduler.queue = {};
  scheduler.queued.store(0);
  scheduler.idle_processors = nullptr;
  scheduler.idle_processor_count.store(0);
  scheduler.busy_processor_count.store(0);
  scheduler.idle_machines = nullptr;
  scheduler.timed_machine = nullptr;
  scheduler.machines.store(machine);
  scheduler.machine_count.store(machine != nullptr ? 1 : 0);
  scheduler.spinning.store(0);
  scheduler.in_blocking.store(0);
  scheduler.main_exited.store(false);
  scheduler.frozen.store(0);
  for (int i = count; i-- > 0;) push_idle(*scheduler.processors[i].load(std::memory_order_relaxed));
  if (machine != nullptr) {
    give_processor(*pop_idle(), machine);
    set_running(*machine, *machine->processor, thread_goroutine);
  }
}

void ensure_started() {
  constexpr int kStarted = 2;
  if (start_state.load(std::memory_order_acquire) != kStarted) start();
}

[[gnu::noinline]] Machine* this_machine() {
  asm volatile("" ::: "memory");
  return thread_machine;
}

[[gnu::noinline]] Goroutine* this_goroutine() {
  asm volatile("" ::: "memory");
  return thread_goroutine;
}

void enqueue(Goroutine* goroutine, Place place) {
  Machine* machine = this_machine();
  Processor* processor = machine != nullptr && !seeded() ? machine->processor : nullptr;
  if (processor == nullptr) {
    push_global_locked(goroutine);
    wake_one();
    return;
  }
  processor->lock.lock();
  if (processor->machine != machine) {
    processor->lock.unlock();
    push_global_locked(goroutine);
    wake_one();
    return;
  }
  if (place == Place::kNext) {
    Goroutine* kicked_out = processor->run_next;
    processor->run_next = goroutine;
    goroutine = kicked_out;
  }
  if (goroutine != nullptr) {
    if (processor->queue.full()) {
      spill(*processor);
      processor->lock.lock();
    }
    processor->queue.push(goroutine);
  }
  processor->lock.unlock();
  wake_one();
}

void leave(Landing landing, void* argument) {
  Machine& machine = *this_machine();
  Goroutine& self = *this_goroutine();
  hooks::announce(&hooks::Observer::goroutine_suspended, &self.agent);
  const Destination to = next_destination(machine);
  machine.departure = {.goroutine = &self, .landing = landing, .argument = argument};
  Arrival arrival = switch_to(to.context, to.bounds, &machine.departure);
  for (;;) {
    const auto& message = *static_cast<Departure*>(arrival.message);
    if (message.visit == nullptr) break;
    message.visit(message.argument);
    arrival = switch_to(arrival.from, message.home, nullptr);
  }
  land(arrival);
  hooks::announce(&hooks::Observer::goroutine_resumed, &self.agent);
}

void visit_stack(Goroutine& goroutine, StackBounds home, void (*visit)(void* argument), void* argument) {
  Departure departure{.argument = argument, .visit = visit, .home = home};
  goroutine.context = switch_to(goroutine.context, goroutine.stack.bounds, &departure).from;
}

void yield_goroutine() {
  leave(
      [](Goroutine* goroutine, void*) {
        goroutine->state.store(GoroutineState::kRunnable, std::memory_order_release);
        push_global_locked(goroutine);
        wake_one();
      },
      nullptr);
}

void enter_stack(Arrival arrival) {
  land(arrival);
  Goroutine& self = *this_goroutine();
  hooks::announce(&hooks::Observer::goroutine_resumed, &self.agent);
  run_closure(self);
  end_goroutine();
}

void end_goroutine() {
  Goroutine& self = *this_goroutine();
  Machine& machine = *this_machine();
  if (self.closure != nullptr && self.closure != self.inline_closure && !self.is_main) {
    ::operator delete (self.closure, std::align_val_t{self.closure_alignment});
  }
  self.closure = nullptr;
  hooks::announce(&hooks::Observer::goroutine_ended, &self.agent);
  const Destination to = next_destination(machine);
  machine.departure = {.goroutine = &self, .landing = bury};
  leave_for(to.context, to.bounds, &machine.departure);
}

void enter_blocking(const void* pc) {
  Goroutine& self = *this_goroutine();
  Machine& machine = *this_machine();
  self.reason = hooks::WaitReason::kBlocking;
  self.waiting_on = nullptr;
  self.case_count = 0;
  self.park_pc = pc;
  self.parked_at = coarse_now();
  hooks::announce(&hooks::Observer::parked, &self.agent, hooks::WaitReason::kBlocking,
                  static_cast<const void*>(nullptr), pc);
  scheduler.in_blocking.fetch_add(1);
  self.state.store(GoroutineState::kBlocking, std::memory_order_release);
  machine.current.store(nullptr, std::memory_order_release);
  release_processor(machine);
}

void exit_blocking() {
  Goroutine& self = *this_goroutine();
  Machine& machine = *this_machine();
  hooks::announce(&hooks::Observer::readied, &self.agent);
  if (acquire_processor(machine)) {
    Processor& processor = *machine.processor;
    processor.lock.lock();
    const bool frozen = scheduler.frozen.load(std::memory_order_relaxed) != 0;
    if (!frozen) set_running(machine, processor, &self);
    processor.lock.unlock();
    if (!frozen) {
      scheduler.in_blocking.fetch_sub(1);
      return;
    }
  }
  leave(
      [](Goroutine* goroutine, void*) {
        goroutine->state.store(GoroutineState::kRunnable, std::memory_order_release);
        push_global_locked(goroutine);
        scheduler.in_blocking.fetch_sub(1);
        wake_one();
      },
      nullptr);
}

void retake_processors(Seen* seen) {
  // A seeded schedule depends on nothing but the seed: there a goroutine keeps the processor until it lets go.
  if (seeded() || scheduler.frozen.load(std::memory_order_relaxed) != 0) return;
  const Nanoseconds due = next_timer();
  const bool timer_waits = due != kNever && due <= now_ns();
  bool work_waits = timer_waits || scheduler.queued.load(std::memory_order_relaxed) != 0;
  for (int i = 0; i < kProcessorsMax; ++i) {
    Processor* processor = scheduler.processors[i].load(std::memory_order_acquire);
    if (processor == nullptr) break;
    scheduler.lock.lock();
    processor->lock.lock();
    Machine* machine = processor->machine;
    const bool stuck = machine != nullptr && machine == seen[i].machine && processor->ticks == seen[i].ticks &&
                       machine->current.load(std::memory_order_relaxed) != nullptr;
    seen[i] = {processor->ticks, machine};
    const bool own_work = has_work(*processor);
    processor->lock.unlock();
    work_waits |= own_work;
    // With a processor idle, a thief will come for the work.
    if (stuck && (own_work || work_waits) && scheduler.idle_processor_count.load(std::memory_order_relaxed) == 0) {
      give_processor(*processor, nullptr);
      if (is_retired(*processor)) {
        scheduler.lock.unlock();
        continue;
      }
      start_machine(*processor, false);
      continue;
    }
    scheduler.lock.unlock();
  }
  if (work_waits) wake_one();
}

void timers_changed() {
  scheduler.lock.lock();
  if (Machine* machine = scheduler.timed_machine; machine != nullptr) {
    remove_idle(*machine);
    scheduler.lock.unlock();
    rouse(*machine);
    return;
  }
  scheduler.lock.unlock();
  wake_one();
}

int set_processor_count(int count) {
  ensure_started();
  if (count > kProcessorsMax) count = kProcessorsMax;
  scheduler.lock.lock();
  const int before = scheduler.processor_count.load(std::memory_order_relaxed);
  if (seeded() || count == before) {
    scheduler.lock.unlock();
    return before;
  }
  make_processors(count);
  scheduler.processor_count.store(count);
  // The idle list anew: those that were retired while idle have fallen out of it.
  scheduler.idle_processors = nullptr;
  scheduler.idle_processor_count.store(0);
  for (int i = count; i-- > 0;) {
    Processor* processor = scheduler.processors[i].load(std::memory_order_relaxed);
    if (processor->machine == nullptr) push_idle(*processor);
  }
  scheduler.lock.unlock();
  wake_one();
  return before;
}

}  // namespace csp::rt
