// Two threads change one exception object.
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/invisible_barrier.h"

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
  std::string details = "a text that is too long to be kept inside the string object itself";
  int seen = 0;
};

std::mutex mutex;
std::exception_ptr failure;
csp::testing::InvisibleCounter thrown;
csp::testing::InvisibleCounter looked_at;

int main() {
  std::thread thread([] {
    try {
      throw Failure("failed");
    } catch (Failure& caught) {
      {
        const std::lock_guard guard(mutex);
        failure = std::current_exception();
      }
      caught.seen = 1;  // RACE
      invisibly_signal(thrown);
      invisibly_await(looked_at, 1);
    }  // The last reference: it is destroyed here.
  });
  invisibly_await(thrown, 1);
  std::exception_ptr taken;
  {
    const std::lock_guard guard(mutex);
    taken.swap(failure);
  }
  try {
    std::rethrow_exception(std::move(taken));
  } catch (Failure& caught) {
    caught.details += '!';
    caught.seen = 2;  // RACE
  }
  invisibly_signal(looked_at);
  thread.join();
}
