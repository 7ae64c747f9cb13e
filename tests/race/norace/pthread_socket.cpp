// A buffer is changed after the other end of the socket has got it.
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/invisible_barrier.h"

int ends[2];
csp::testing::InvisibleCounter sent;
char buffer[64];

void* send_buffer(void*) {
  if (send(ends[0], buffer, sizeof buffer, 0) != sizeof buffer) return buffer;
  invisibly_signal(sent);
  return nullptr;
}

int main() {
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
  pthread_t thread;
  pthread_create(&thread, nullptr, send_buffer, nullptr);
  invisibly_await(sent, 1);
  char received[64];
  if (recv(ends[1], received, sizeof received, 0) != sizeof received) return 1;
  buffer[63] = 1;
  pthread_join(thread, nullptr);
}
