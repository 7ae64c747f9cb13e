// A pool of three workers takes jobs from one channel and puts results on another. Closing `jobs` sends
// the workers home; `results` is closed by whoever knows that all of them have left.

#include <csp/csp.h>

#include <cstdio>
#include <map>

struct Result {
  int job = 0;
  int output = 0;
};

void work(csp::RecvChan<int> jobs, csp::SendChan<Result> results) {
  for (int job : jobs) results.send({job, job * 2});
}

int main() {
  return csp::run([] {
    auto jobs = csp::make_chan<int>(16);
    auto results = csp::make_chan<Result>(16);

    csp::WaitGroup workers;
    for (int i = 0; i < 3; ++i) workers.go([=] { work(jobs, results); });
    csp::go([&] {
      workers.wait();
      results.close();
    });

    for (int job = 1; job <= 9; ++job) jobs.send(job);
    jobs.close();

    std::map<int, int> outputs;  // Results come in any order.
    for (const Result& result : results) outputs[result.job] = result.output;
    for (auto [job, output] : outputs) std::printf("job %d -> %d\n", job, output);
  });
}
