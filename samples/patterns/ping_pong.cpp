// Two players share a table, which is an unbuffered channel: the ball is with one of them, never with
// both. Whoever has the ball owns it, so that counting the hits needs no lock.

#include <csp/csp.h>

#include <cstdio>

struct Ball {
  int hits = 0;
};

constexpr int kLastHit = 6;

void play(const char* name, csp::Chan<Ball*> table) {
  while (auto received = table.receive()) {
    Ball* ball = *received;
    ++ball->hits;
    std::printf("%s %d\n", name, ball->hits);
    if (ball->hits == kLastHit) {
      table.close();
      return;
    }
    table.send(ball);
  }
}

int main() {
  return csp::run([] {
    auto table = csp::make_chan<Ball*>();
    Ball ball;
    csp::WaitGroup players;
    players.go([=] { play("ping", table); });
    table.send(&ball);  // Only ping is there to take it, so ping serves.
    players.go([=] { play("pong", table); });
    players.wait();
    std::printf("%d hits\n", ball.hits);
  });
}
