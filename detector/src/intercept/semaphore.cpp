// Semaphores. A post happens before every wait that comes after it: waits take what posts gave, in the order of one
// counter.

#include <semaphore.h>

#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

int waited(sem_t* semaphore, int result) {
  if (result == 0 && !bypass()) acquire(address_of(semaphore));
  return result;
}

}  // namespace

void initialize_semaphore() {}

extern "C" {

CSP_INTERCEPT(int, sem_init, sem_t* semaphore, int shared, unsigned value) {
  if (!bypass()) sync_destroyed(address_of(semaphore), sizeof *semaphore);
  return real_sem_init(semaphore, shared, value);
}

CSP_INTERCEPT(int, sem_destroy, sem_t* semaphore) {
  if (!bypass()) sync_destroyed(address_of(semaphore), sizeof *semaphore);
  return real_sem_destroy(semaphore);
}

CSP_INTERCEPT(int, sem_post, sem_t* semaphore) {
  if (!bypass()) release_merge(address_of(semaphore));
  return real_sem_post(semaphore);
}

CSP_INTERCEPT(int, sem_wait, sem_t* semaphore) { return waited(semaphore, real_sem_wait(semaphore)); }

CSP_INTERCEPT(int, sem_trywait, sem_t* semaphore) { return waited(semaphore, real_sem_trywait(semaphore)); }

CSP_INTERCEPT(int, sem_timedwait, sem_t* semaphore, const timespec* deadline) {
  return waited(semaphore, real_sem_timedwait(semaphore, deadline));
}

CSP_INTERCEPT(int, sem_clockwait, sem_t* semaphore, clockid_t clock, const timespec* deadline) {
  return waited(semaphore, real_sem_clockwait(semaphore, clock, deadline));
}

}  // extern "C"
}  // namespace csp::race
