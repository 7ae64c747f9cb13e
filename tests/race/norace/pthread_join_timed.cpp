// A join that succeeds on its second attempt orders all that the thread did.
#include <pthread.h>
#include <cerrno>
#include <ctime>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter written;
csp::testing::InvisibleCounter tried;
int value;

void* write_value(void*) {
  value = 1;
  invisibly_signal(written);
  invisibly_await(tried, 1);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(written, 1);
  const timespec long_ago{1, 0};
  if (pthread_timedjoin_np(thread, nullptr, &long_ago) != ETIMEDOUT) return 1;
  if (pthread_tryjoin_np(thread, nullptr) != EBUSY) return 1;
  invisibly_signal(tried);
  pthread_join(thread, nullptr);
  const int seen = value;
  return seen == 1 ? 0 : 1;
}
