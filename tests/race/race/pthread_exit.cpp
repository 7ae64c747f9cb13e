// A thread is left by pthread_exit, and read from before it is joined.
#include <pthread.h>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter written;
int value;
pthread_key_t key;

struct WritesAtEnd {
  int touched = 0;
};
thread_local WritesAtEnd writes_at_end;

void write_again(void* again) {
  // Destructors of keys run again as long as there are values: in rounds.
  pthread_setspecific(key, again == nullptr ? &value : nullptr);
}

void* write_value(void*) {
  writes_at_end.touched = 1;
  pthread_setspecific(key, &value);
  value = 1;  // RACE
  invisibly_signal(written);
  pthread_exit(&value);
}

int main() {
  pthread_key_create(&key, write_again);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(written, 1);
  value = 4;  // RACE
  pthread_join(thread, nullptr);
}
