#include <csp/csp.h>

#include <cstdio>

#include "library.h"

int main() {
  return csp::run([] {
    csp::WaitGroup visitors;
    for (int i = 0; i < 4; ++i) visitors.go([] { count_visit(); });
    visitors.wait();
    std::printf("%d visits\n", visits());
  });
}
