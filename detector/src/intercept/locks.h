#pragma once
// Mutexes as glibc lays them out, for all who take or give one back: the mutex functions and the condition variables.

#include <pthread.h>
#include <threads.h>

#include "core/detector.h"

namespace csp::race {

enum class LockHow : std::uint8_t { kBlocking, kTry };

inline pthread_mutex_t* as_pthread(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }

/// After an attempt that ended with `error`. A recursive mutex is announced when taken for the first time.
void mutex_acquired(pthread_mutex_t* mutex, int error, LockHow how, Address pc);
/// Before an attempt to give it back. One that will fail, and one that leaves a recursive mutex held, are not
/// announced. Whether it was announced.
bool mutex_releasing(pthread_mutex_t* mutex, Address pc);

}  // namespace csp::race
