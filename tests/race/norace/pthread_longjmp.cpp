// Two threads leave functions by longjmp, many times.
#include <csetjmp>
#include <thread>

int value;

void jump(std::jmp_buf& back, bool now) {
  if (now) std::longjmp(back, 1);
}

void down(std::jmp_buf& back, int depth) {
  jump(back, depth == 0);
  if (depth > 0) down(back, depth - 1);
}

void jump_once() {
  std::jmp_buf back;
  if (setjmp(back) == 0) down(back, 50);
}

void jump_about() {
  for (int i = 0; i < 1000; ++i) jump_once();
}

int main() {
  std::thread a(jump_about);
  std::thread b(jump_about);
  a.join();
  b.join();
  value = value + 1;
}
