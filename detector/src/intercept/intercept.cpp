#include "intercept/intercept.h"

#include "intercept/families.h"

namespace csp::race {

void initialize_interceptors() {
  initialize_malloc();
  initialize_new();
  initialize_mem();
  initialize_string();
  initialize_thread();
  initialize_mutex();
  initialize_cond();
  initialize_barrier();
  initialize_once();
  initialize_semaphore();
  initialize_cxa();
  initialize_exception();
  initialize_mmap();
  initialize_jump();
  initialize_file();
  initialize_dl();
  initialize_fork();
}

}  // namespace csp::race
