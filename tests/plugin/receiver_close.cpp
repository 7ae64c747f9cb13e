// csp-receiver-close: what is reported, on the line where it is; below, what is correct and stays silent.
#include <csp/csp.h>

#include <vector>

bool coin();
void log(const char* text);

// ---- Reported

void main_receives_and_closes() {
  auto ch = csp::make_chan<int>();
  csp::go([ch] {
    for (int i = 0; i < 100; ++i) ch.send(i);  // expected-note {{sent here, by another function; let the sender close}}
  });
  for (int i = 0; i < 5; ++i) {
    ch.recv();  // expected-note {{received here}}
  }
  ch.close();  // expected-warning {{channel 'ch' is closed by its receiver: a sender that is not done panics [csp-receiver-close]}}
}

void goroutine_receives_and_closes() {
  auto ch = csp::make_chan<int>();
  csp::go([ch] {
    while (auto v = ch.receive()) {  // expected-note {{received here}}
      if (*v == 3) break;
    }
    ch.close();  // expected-warning {{channel 'ch' is closed by its receiver}}
  });
  for (int i = 0; i < 10; ++i) ch.send(i);  // expected-note {{sent here}}
}

void producer(csp::Chan<int> out) {
  for (int i = 0; i < 10; ++i) out.send(i);  // expected-note {{sent here}}
}

void consumer(csp::Chan<int> in) {
  for (int v : in) {  // expected-note {{received here}}
    if (v == 3) {
      in.close();  // expected-warning {{channel 'in' is closed by its receiver}}
      return;
    }
  }
}

void named_functions() {
  auto ch = csp::make_chan<int>();
  csp::go(producer, ch);
  csp::go(consumer, ch);
}

class Mailbox {
 public:
  void put(int v) { box_.send(v); }  // expected-note {{sent here}}
  void serve() {
    while (true) {
      int v = box_.recv();  // expected-note {{received here}}
      if (v < 0) break;
    }
    box_.close();  // expected-warning {{channel 'box_' is closed by its receiver}}
  }

 private:
  csp::Chan<int> box_ = csp::make_chan<int>();
};

void leaves_on_quit(csp::Chan<csp::Unit> quit) {
  auto ch = csp::make_chan<int>();
  csp::go([=] {
    while (true) ch.send(1);  // expected-note {{sent here}}
  });
  for (int v; csp::select(csp::recv(ch, v), csp::recv(quit)) == 0;) log("v");  // expected-note {{received here}}
  ch.close();  // expected-warning {{channel 'ch' is closed by its receiver}}
}

// ---- Silent

void sender_closes() {
  auto ch = csp::make_chan<int>();
  csp::go([ch] {
    for (int i = 0; i < 100; ++i) ch.send(i);
    ch.close();
  });
  for (int v : ch) log(v > 0 ? "+" : "-");
}

void coordinator(int n) {
  auto ch = csp::make_chan<int>(n);
  csp::WaitGroup wg;
  for (int i = 0; i < n; ++i) wg.go([=] { ch.send(i); });
  wg.wait();
  ch.close();
  for (int v : ch) log(v > 0 ? "+" : "-");
}

void joined_after_first(int n) {
  auto ch = csp::make_chan<int>(n);
  csp::WaitGroup wg;
  for (int i = 0; i < n; ++i) wg.go([=] { ch.send(i); });
  ch.recv();
  wg.wait();
  ch.close();
}

void told_by_another_channel() {
  auto ch = csp::make_chan<int>(10);
  auto done = csp::make_chan<csp::Unit>();
  csp::go([=] {
    for (int i = 0; i < 10; ++i) ch.send(i);
    done.send({});
  });
  ch.recv();
  done.recv();
  ch.close();
}

void one_value() {
  auto ch = csp::make_chan<int>();
  csp::go([ch] { ch.send(1); });
  ch.recv();
  ch.close();
}

void done_channel() {
  auto done = csp::make_chan<csp::Unit>();
  csp::go([done] {
    for (int i = 0; i < 10; ++i) done.send({});
  });
  done.recv();
  done.close();
}

void nobody_sends(csp::Chan<int> ch) {
  ch.recv();
  ch.close();
}

void sends_too() {
  auto ch = csp::make_chan<int>(1);
  csp::go([ch] {
    for (int v : ch) log(v > 0 ? "+" : "-");
  });
  for (int i = 0; i < 10; ++i) {
    ch.send(i);
    if (coin()) (void)ch.try_recv();
  }
  ch.close();
}

class Pool {
 public:
  explicit Pool(int n) {
    for (int i = 0; i < n; ++i) csp::go([this] { work(); });
  }
  void submit(int v) { jobs_.send(v); }
  int next() { return results_.recv(); }
  void stop() { jobs_.close(); }

 private:
  void work() {
    for (int job : jobs_) results_.send(job);
  }
  csp::Chan<int> jobs_ = csp::make_chan<int>();
  csp::Chan<int> results_ = csp::make_chan<int>();
};

void pipeline() {
  auto in = csp::make_chan<int>();
  auto out = csp::make_chan<int>();
  csp::go([=] {
    for (int v : in) out.send(v);
    out.close();
  });
  csp::go([=] {
    for (int i = 0; i < 3; ++i) in.send(i);
    in.close();
  });
  for (int v : out) log(v > 0 ? "+" : "-");
}
