// csp-send-on-closed: what is reported, on the line where it is; below, what is correct and stays silent.
#include <csp/csp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

bool coin();
void log(const char* text);

// ---- Reported

void plain() {
  auto ch = csp::make_chan<int>();
  ch.close();  // expected-note {{closed here}}
  ch.send(1);  // expected-error {{send on closed channel 'ch' [csp-send-on-closed]}}
}

void trying() {
  auto ch = csp::make_chan<int>(1);
  ch.close();                // expected-note {{closed here}}
  if (ch.try_send(1)) log("sent");  // expected-error {{send on closed channel 'ch'}}
}

void on_some_paths(csp::Chan<int> ch) {
  if (coin()) {
    ch.close();  // expected-note {{closed here}}
  }
  ch.send(1);  // expected-warning {{send on channel 'ch', which may be closed already [csp-send-on-closed]}}
}

void under_a_condition(csp::Chan<int> ch) {
  ch.close();               // expected-note {{closed here}}
  if (coin()) ch.send(1);   // expected-error {{send on closed channel 'ch'}}
}

void in_a_select(csp::Chan<int> ch, csp::Chan<int> in) {
  ch.close();  // expected-note {{closed here}}
  int v;
  csp::select(csp::send(ch, 1), csp::recv(in, v));  // expected-warning {{send on channel 'ch', which is closed when this select runs}}
}

void forgotten_break(csp::Chan<int> ch) {
  for (int i = 0; i < 10; ++i) {
    ch.send(i);               // expected-warning {{send on channel 'ch', which may be closed already}}
    if (i == 5) ch.close();   // expected-note {{closed here}}
  }
}

void after_a_loop(csp::Chan<int> ch, const std::vector<int>& values) {
  if (values.empty()) ch.close();  // expected-note {{closed here}}
  for (int v : values) log(v > 0 ? "+" : "-");
  ch.send(1);  // expected-warning {{send on channel 'ch', which may be closed already}}
}

void directional() {
  auto ch = csp::make_chan<int>();
  csp::SendChan<int> out = ch;
  ch.close();   // expected-note {{closed here}}
  out.send(1);  // expected-error {{send on closed channel 'out'}}
}

void emit(csp::SendChan<int> out, int v) {
  out.send(v);  // expected-note 2 {{sent here}}
}

void emit_all(csp::SendChan<int> out, const std::vector<int>& values) {
  for (int v : values) {
    out.send(v);  // expected-note {{sent here}}
  }
}

void shut(csp::Chan<int>& ch) {
  ch.close();  // expected-note 2 {{closed here}}
}

void through_calls(const std::vector<int>& values) {
  auto ch = csp::make_chan<int>();
  shut(ch);              // expected-note 2 {{in the call of 'shut' from here}}
  emit(ch, 1);           // expected-error {{send on closed channel 'ch', in 'emit'}}
  emit_all(ch, values);  // expected-warning {{send on channel 'ch', in 'emit_all', which may be closed already}}
}

void started_after_close() {
  auto ch = csp::make_chan<int>();
  ch.close();                          // expected-note {{closed here}}
  csp::go([ch] { ch.send(1); });       // expected-error {{send on closed channel 'ch'}}
}

void started_by_name() {
  auto ch = csp::make_chan<int>();
  ch.close();               // expected-note {{closed here}}
  csp::go(emit, ch, 1);     // expected-error {{send on closed channel 'ch', in 'emit'}}
}

struct Feed {
  csp::Chan<int> out;
  void stop() { out.close(); }  // expected-note {{closed here}}
  void push(int v) { out.send(v); }  // expected-note {{sent here}}
};

void by_methods() {
  Feed feed{csp::make_chan<int>()};
  feed.stop();   // expected-note {{in the call of 'stop' from here}}
  feed.push(1);  // expected-error {{send on closed channel 'feed.out', in 'push'}}
}

void by_pointer(std::shared_ptr<Feed> feed) {
  feed->out.close();  // expected-note {{closed here}}
  feed->out.send(1);  // expected-error {{send on closed channel 'feed.out'}}
}

int whole_program() {
  return csp::run([] {
    auto ch = csp::make_chan<int>(1);
    ch.send(1);
    ch.close();  // expected-note {{closed here}}
    ch.send(2);  // expected-error {{send on closed channel 'ch'}}
  });
}

auto generic = [](auto ch) {
  ch.close();  // expected-note {{closed here}}
  ch.send(1);  // expected-error {{send on closed channel 'ch'}}
};
void use_generic(csp::Chan<int> ch) { generic(ch); }

csp::Chan<int> global;
void globally() {
  global.close();  // expected-note {{closed here}}
  global.send(1);  // expected-error {{send on closed channel 'global'}}
}

// ---- Silent

void close_last(int n) {
  auto ch = csp::make_chan<int>();
  csp::go([=] {
    auto closer = csp::defer([=] { ch.close(); });
    for (int i = 0; i < n; ++i) ch.send(i);
  });
  for (int v : ch) log(v > 0 ? "+" : "-");
}

void correlated(csp::Chan<int> ch, bool stop) {
  if (stop) ch.close();
  log("between");
  if (!stop) ch.send(1);
}

void correlated_by_else(csp::Chan<int> ch) {
  if (coin()) {
    ch.close();
  } else {
    ch.send(1);
  }
}

void early_return(csp::Chan<int> ch) {
  if (coin()) {
    ch.close();
    return;
  }
  ch.send(1);
}

void early_return_by_flag(csp::Chan<int> ch) {
  bool done = false;
  if (coin()) {
    ch.close();
    done = true;
  }
  if (done) return;
  ch.send(1);
}

void throws(csp::Chan<int> ch) {
  if (coin()) {
    ch.close();
    throw 1;
  }
  ch.send(1);
}

void one_of_two(csp::Chan<int> a, csp::Chan<int> b) {
  a.close();
  b.send(1);
}

void worker_pool(int n) {
  auto jobs = csp::make_chan<int>(10);
  auto results = csp::make_chan<int>(10);
  csp::WaitGroup wg;
  for (int w = 0; w < n; ++w) {
    wg.add(1);
    csp::go([=, &wg] {
      auto done = csp::defer([&] { wg.done(); });
      for (int job : jobs) results.send(job * 2);
    });
  }
  csp::go([&, results] {
    wg.wait();
    results.close();
  });
  for (int i = 0; i < n; ++i) jobs.send(i);
  jobs.close();
  for (int v : results) log(v > 0 ? "+" : "-");
}

csp::RecvChan<int> generate(int n) {
  auto out = csp::make_chan<int>();
  csp::go([=] {
    for (int i = 0; i < n; ++i) out.send(i);
    out.close();
  });
  return out;
}

csp::RecvChan<int> square(csp::RecvChan<int> in) {
  auto out = csp::make_chan<int>();
  csp::go([=] {
    auto closer = csp::defer([out] { out.close(); });
    for (int v : in) out.send(v * v);
  });
  return out;
}

csp::RecvChan<int> merge(std::vector<csp::RecvChan<int>> ins) {
  auto out = csp::make_chan<int>();
  auto wg = std::make_shared<csp::WaitGroup>();
  for (auto& in : ins) {
    wg->add(1);
    csp::go([=] {
      for (int v : in) out.send(v);
      wg->done();
    });
  }
  csp::go([=] {
    wg->wait();
    out.close();
  });
  return out;
}

// A goroutine closes at some time; when, is not for this check to say.
void closed_by_another() {
  auto ch = csp::make_chan<int>(2);
  csp::go([ch] { ch.close(); });
  ch.send(1);
}

void select_loop(csp::Chan<int> in, csp::Chan<int> out, csp::Chan<csp::Unit> quit) {
  auto closer = csp::defer([&] { out.close(); });
  while (true) {
    int v;
    switch (csp::select(csp::recv(in, v), csp::recv(quit))) {
      case 0: out.send(v); break;
      case 1: return;
    }
  }
}

void per_round(int n) {
  for (int i = 0; i < n; ++i) {
    auto ch = csp::make_chan<int>(1);
    ch.send(i);
    ch.close();
  }
}

void last_round(csp::Chan<int> ch, int n) {
  for (int i = 0; i < n; ++i) {
    ch.send(i);
    if (i == n - 1) ch.close();
  }
}

void ring(int n) {
  auto first = csp::make_chan<int>();
  auto last = first;
  for (int i = 0; i < n; ++i) {
    last.close();
    last = csp::make_chan<int>(1);
    last.send(i);
  }
}

void nil_after_close(csp::Chan<int> ch) {
  ch.close();
  ch = nullptr;
  if (ch) ch.send(1);
}

void swapped(csp::Chan<int> a) {
  auto b = csp::make_chan<int>(1);
  a.close();
  std::swap(a, b);
  a.send(1);
}

void moved_out(csp::Chan<int> a) {
  auto b = std::move(a);
  b.close();
  a = csp::make_chan<int>(1);
  a.send(1);
}

class Broker {
 public:
  ~Broker() {
    if (!closed_) events_.close();
  }
  void publish(int v) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return;
    events_.send(v);
  }
  void stop() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return;
    closed_ = true;
    events_.close();
  }
  void restart() {
    stop();
    events_ = csp::make_chan<int>(1);
    closed_ = false;
    publish(1);
  }
  void publish_last() {
    publish(1);
    stop();
    publish(2);  // Does nothing: closed_.
  }

 private:
  std::mutex mutex_;
  bool closed_ = false;
  csp::Chan<int> events_ = csp::make_chan<int>(1);
};

void maybe_send(csp::Chan<int> ch, bool wanted) {
  if (wanted) ch.send(1);
}

void not_wanted(csp::Chan<int> ch) {
  ch.close();
  maybe_send(ch, false);
}

bool finish_if(csp::Chan<int> ch, bool last) {
  if (last) ch.close();
  return last;
}

void finished_by_helper(csp::Chan<int> ch, int n) {
  for (int i = 0; i < n; ++i) {
    ch.send(i);
    if (finish_if(ch, i == n - 1)) return;
  }
}

void callback(const std::function<void()>& f);
void in_callbacks(csp::Chan<int> ch) {
  callback([=] { ch.close(); });
  callback([=] { ch.send(1); });
}

void thread_body(csp::Chan<int> ch) {
  std::thread closer([=] { ch.close(); });
  closer.join();
}

int recovers(csp::Chan<int> ch) {
  ch.close();
  try {
    ch.send(1);
  } catch (csp::PanicError& error) {
    return 1;
  }
  return 0;
}

#define EXPECT_DEATH(statement, text) \
  do {                                \
    statement;                        \
  } while (false)

void dies(csp::Chan<int> ch) {
  ch.close();
  EXPECT_DEATH(ch.send(1), "send on closed channel");
  EXPECT_DEATH(csp::go([=] { ch.send(1); }), "send on closed channel");
}

void fibonacci(csp::Chan<int> c, csp::Chan<csp::Unit> quit) {
  int x = 0, y = 1;
  while (true) {
    bool done = false;
    csp::select(csp::send(c, x), csp::recv(quit, [&](csp::Unit) { done = true; }));
    if (done) {
      c.close();
      return;
    }
    x = std::exchange(y, x + y);
  }
}

void retry(csp::Chan<int> ch) {
  bool open = true;
  while (open) {
    if (coin()) {
      ch.close();
      open = false;
      continue;
    }
    ch.send(1);
  }
}

void in_states(csp::Chan<int> ch) {
  enum class Phase { kRun, kEnd };
  Phase phase = Phase::kRun;
  for (;;) {
    switch (phase) {
      case Phase::kRun:
        ch.send(1);
        if (coin()) {
          ch.close();
          phase = Phase::kEnd;
        }
        break;
      case Phase::kEnd: return;
    }
  }
}

template <class T>
void drain(csp::Chan<T>& ch) {
  ch.close();
  for (T& v : ch) (void)v;
}
void use_drain(csp::Chan<int> ch) { drain(ch); }
