// csp-double-close: what is reported, on the line where it is; below, what is correct and stays silent.
#include <csp/csp.h>

#include <atomic>
#include <memory>
#include <vector>

bool coin();
void log(const char* text);

// ---- Reported

void twice() {
  auto ch = csp::make_chan<int>();
  ch.close();  // expected-note {{closed here}}
  ch.close();  // expected-error {{close of closed channel 'ch' [csp-double-close]}}
}

void on_some_paths(csp::Chan<int> ch) {
  if (coin()) ch.close();  // expected-note {{closed here}}
  ch.close();              // expected-warning {{close of channel 'ch', which may be closed already [csp-double-close]}}
}

void on_both_branches(csp::Chan<int> ch, bool early) {
  if (early) {
    ch.close();  // expected-note {{closed here}}
  } else {
    ch.close();
  }
  ch.close();  // expected-error {{close of closed channel 'ch'}}
}

void in_each_round(csp::Chan<int> ch, int n) {
  for (int i = 0; i < n; ++i) {
    ch.cap();
    ch.close();  // expected-warning {{close of channel 'ch', which an earlier round of the loop may have closed}} expected-note {{closed here, and again when it runs the next time}}
  }
}

void through_an_alias() {
  auto ch = csp::make_chan<int>();
  csp::SendChan<int> out = ch;
  out.close();  // expected-note {{closed here}}
  ch.close();   // expected-error {{close of closed channel 'ch'}}
}

void after_defer() {
  auto ch = csp::make_chan<int>();
  auto closer = csp::defer([&] { ch.close(); });  // expected-error {{close of closed channel 'ch'}}
  ch.send(1);
  ch.close();  // expected-note {{closed here}}
}

void two_defers(csp::Chan<int> ch) {
  auto first = csp::defer([=] { ch.close(); });   // expected-error {{close of closed channel 'ch'}}
  auto second = csp::defer([=] { ch.close(); });  // expected-note {{closed here}}
}

void finish(csp::Chan<int> ch) {
  ch.close();  // expected-note 2 {{closed here}}
}

void finish_later(const csp::Chan<int>& ch) {
  log("finishing");
  finish(ch);
}

void by_a_call() {
  auto ch = csp::make_chan<int>();
  finish(ch);  // expected-note {{in the call of 'finish' from here}}
  ch.close();  // expected-error {{close of closed channel 'ch'}}
}

void by_two_calls() {
  auto ch = csp::make_chan<int>();
  ch.close();         // expected-note {{closed here}}
  finish_later(ch);  // expected-error {{close of closed channel 'ch', in 'finish_later'}}
}

class Pool {
 public:
  void stop() {
    jobs_.close();  // expected-note {{closed here}}
  }
  void shutdown() {
    stop();         // expected-note {{in the call of 'stop' from here}}
    jobs_.close();  // expected-error {{close of closed channel 'jobs_'}}
  }

 private:
  csp::Chan<int> jobs_ = csp::make_chan<int>();
};

void at_once() {
  auto ch = csp::make_chan<int>();
  [&] { ch.close(); }();  // expected-note {{closed here}}
  ch.close();             // expected-error {{close of closed channel 'ch'}}
}

void named_lambda() {
  auto ch = csp::make_chan<int>();
  auto finish_it = [ch] { ch.close(); };  // expected-error {{close of closed channel 'ch'}} expected-note {{closed here}}
  finish_it();
  finish_it();
}

void each_goroutine_closes(int n) {
  auto ch = csp::make_chan<int>();
  for (int i = 0; i < n; ++i) {
    csp::go([=] {
      ch.send(i);
      ch.close();  // expected-warning {{close of channel 'ch', which another goroutine closes too}} expected-note {{closed here}}
    });
  }
}

void goroutine_and_spawner() {
  auto ch = csp::make_chan<int>();
  csp::go([ch] {
    ch.send(1);
    ch.close();  // expected-note {{closed here}}
  });
  ch.recv();
  ch.close();  // expected-warning {{close of channel 'ch', which another goroutine closes too}}
}

template <class T>
void instance(csp::Chan<T> ch) {
  ch.close();  // expected-note {{closed here}}
  ch.close();  // expected-error {{close of closed channel 'ch'}}
}
template void instance(csp::Chan<int>);
template void instance(csp::Chan<long>);  // Said once for all instances.

void after_range(csp::Chan<int> ch) {
  for (int v : ch) log(v > 0 ? "+" : "-");  // expected-note {{this loop ends only when the channel is closed}}
  ch.close();                               // expected-error {{close of closed channel 'ch'}}
}

// ---- Silent

void once_each() {
  auto a = csp::make_chan<int>();
  auto b = csp::make_chan<int>();
  a.close();
  b.close();
}

void correlated(csp::Chan<int> ch, bool early) {
  if (early) ch.close();
  log("between");
  if (!early) ch.close();
}

void correlated_numbers(csp::Chan<int> ch, int mode) {
  if (mode == 1) ch.close();
  if (mode != 1) ch.close();
}

void correlated_by_unknown(csp::Chan<int> ch, const std::vector<int>& v) {
  if (v.empty()) ch.close();
  if (!v.empty()) ch.close();
}

void flag(csp::Chan<int> ch, int n) {
  bool closed = false;
  for (int i = 0; i < n; ++i) {
    if (coin() && !closed) {
      ch.close();
      closed = true;
    }
  }
  if (!closed) ch.close();
}

void exchange(csp::Chan<int> ch, std::atomic<bool>& closed) {
  while (coin()) {
    if (!closed.exchange(true)) ch.close();
  }
}

void last_round(csp::Chan<int> ch, int n) {
  for (int i = 0; i < n; ++i) {
    ch.send(i);
    if (i == n - 1) ch.close();
  }
}

void fresh_each_round(int n) {
  for (int i = 0; i < n; ++i) {
    auto ch = csp::make_chan<int>();
    csp::go([ch] { ch.send(1); });
    ch.recv();
    ch.close();
  }
}

void reassigned(int n) {
  auto ch = csp::make_chan<int>();
  for (int i = 0; i < n; ++i) {
    ch.close();
    ch = csp::make_chan<int>();
  }
  ch.close();
}

void left(csp::Chan<int> ch) {
  while (true) {
    if (coin()) {
      ch.close();
      return;
    }
    if (coin()) {
      ch.close();
      break;
    }
  }
}

void each_of_them(std::vector<csp::Chan<int>>& chans) {
  for (auto& ch : chans) ch.close();
  for (std::size_t i = 0; i < chans.size(); ++i) chans[i].close();
}

void by_pointer_and_iterator(csp::Chan<int>* p, csp::Chan<int>* end, std::vector<csp::Chan<int>>& chans) {
  for (; p != end; ++p) p->close();
  p -= 2;
  p->close();
  for (auto it = chans.begin(); it != chans.end(); ++it) it->close();
}

struct Stage {
  csp::Chan<int> in, out;
  Stage* next = nullptr;
};

void each_stage(std::vector<Stage>& stages, Stage* list) {
  for (Stage& stage : stages) stage.out.close();
  for (auto stage : stages) stage.in.close();
  for (Stage* s = list; s != nullptr; s = s->next) s->out.close();
  while (list) {
    list->in.close();
    list = list->next;
  }
}

void two_fields(Stage& stage) {
  stage.in.close();
  stage.out.close();
}

class Server {
 public:
  ~Server() { stop(); }
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    quit_.close();
  }
  void stop_once() {
    once_.call([this] { quit_.close(); });
  }
  void restart() {
    quit_.close();
    quit_ = csp::make_chan<csp::Unit>();
    quit_.close();
  }
  void reopened_by_helper() {
    quit_.close();
    reopen();
    quit_.close();
  }
  void reopened_by_unknown();

 private:
  void reopen() { quit_ = csp::make_chan<csp::Unit>(); }
  void elsewhere();

  csp::Once once_;
  bool stopped_ = false;
  csp::Chan<csp::Unit> quit_ = csp::make_chan<csp::Unit>();
};

void Server::reopened_by_unknown() {
  quit_.close();
  elsewhere();
  quit_.close();
}

void stop_twice(Server& server) {
  server.stop();
  server.stop();
  server.stop_once();
  server.stop_once();
}

void replace(csp::Chan<int>& ch);

void replaced(csp::Chan<int> ch) {
  ch.close();
  replace(ch);
  ch.close();
}

void moved() {
  auto a = csp::make_chan<int>();
  auto b = std::move(a);
  a = csp::make_chan<int>();
  a.close();
  b.close();
}

void swapped(csp::Chan<int> a, csp::Chan<int> b) {
  a.close();
  std::swap(a, b);
  a.close();
}

void chosen(csp::Chan<int> a, csp::Chan<int> b) {
  auto& one = coin() ? a : b;
  one.close();
}

void chain(int n) {
  auto previous = csp::make_chan<int>();
  for (int i = 0; i < n; ++i) {
    auto next = csp::make_chan<int>();
    csp::go([=] {
      for (int v : previous) next.send(v);
      next.close();
    });
    previous = next;
  }
  previous.recv();
}

bool try_stop(csp::Chan<int> ch) {
  if (coin()) return false;
  ch.close();
  return true;
}

void stopped_by_helper(csp::Chan<int> ch) {
  if (try_stop(ch)) return;
  ch.close();
}

void last_worker_closes(int n) {
  auto ch = csp::make_chan<int>();
  auto left = std::make_shared<std::atomic<int>>(n);
  for (int i = 0; i < n; ++i) {
    csp::go([=] {
      ch.send(i);
      if (left->fetch_sub(1) == 1) ch.close();
    });
  }
}

void assigned_by_lambda() {
  csp::Chan<int> ch = csp::make_chan<int>();
  auto renew = [&] { ch = csp::make_chan<int>(); };
  ch.close();
  renew();
  ch.close();
}

auto closer_of(csp::Chan<int> ch) {
  return [ch] { ch.close(); };
}

void two_closers(csp::Chan<int> a, csp::Chan<int> b) {
  auto first = closer_of(a);
  auto second = closer_of(b);
  first();
  second();
}

void received_anew(csp::Chan<csp::Chan<int>> requests) {
  csp::Chan<int> reply;
  bool ok = true;
  csp::select(csp::recv(requests, reply, ok));
  reply.close();
  csp::select(csp::recv(requests, reply, ok));
  if (ok) reply.close();
}

void a_case_made_before(csp::Chan<csp::Chan<int>> requests) {
  csp::Chan<int> reply;
  bool ok = false;
  std::vector<csp::SelectCase> cases;
  cases.push_back(csp::recv(requests, reply, ok));
  for (int i = 0; i < 2; ++i) {
    csp::select(cases);
    if (ok) reply.close();
  }
}

bool panics(csp::Chan<int> ch) {
  ch.close();
  try {
    ch.close();
  } catch (const csp::PanicError&) {
    return true;
  }
  return false;
}

void suppressed(csp::Chan<int> ch) {
  ch.close();
  ch.close();  // NOLINT(csp-double-close)
  // NOLINTNEXTLINE(csp-*)
  ch.close();
  ch.close();  // NOLINT
}

template <class T>
void never_instantiated(csp::Chan<T> ch) {
  ch.close();
  ch.close();
}

void broken_out(csp::Chan<int> ch) {
  for (int v : ch) {
    if (v == 0) {
      ch.close();
      break;
    }
  }
}
