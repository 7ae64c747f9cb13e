// What a thread did in destructors of thread_local objects and of pthread keys, left by pthread_exit, happens before
// its join.
#include <pthread.h>

int value;
pthread_key_t key;

struct WritesAtEnd {
  ~WritesAtEnd() { value = 2; }
  int touched = 0;
};
thread_local WritesAtEnd writes_at_end;

void write_again(void* again) {
  value = 3;
  // Destructors of keys run again as long as there are values: in rounds.
  pthread_setspecific(key, again == nullptr ? &value : nullptr);
}

void* write_value(void*) {
  writes_at_end.touched = 1;
  pthread_setspecific(key, &value);
  value = 1;
  pthread_exit(&value);
}

int main() {
  pthread_key_create(&key, write_again);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  pthread_join(thread, nullptr);
  value = 4;
}
