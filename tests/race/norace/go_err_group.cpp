// A task of a csp::ErrGroup writes; main reads after it has waited.
#include <csp/err_group.h>
#include <csp/go.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter written;
int value;

int main() {
  return csp::run([] {
    csp::ErrGroup group;
    group.go([] {
      value = 1;
      invisibly_signal(written);
    });
    while (!invisibly_reached(written, 1)) csp::yield();
    if (group.wait()) return;
    use(value);
  });
}
