#include "csp/mutex.h"

#include "base/fatal.h"
#include "csp/hooks.h"
#include "sync/word_lock.h"

namespace csp {

using hooks::announce;
using hooks::LockHow;
using hooks::LockMode;
using hooks::Observer;

Mutex::~Mutex() { announce(&Observer::lock_destroyed, static_cast<const void*>(this)); }

void Mutex::lock() {
  const void* pc = __builtin_return_address(0);
  rt::word_lock::lock(word_, pc);
  announce(&Observer::acquire, this);
  announce(&Observer::locked, this, LockMode::kExclusive, LockHow::kBlocking, pc);
}

bool Mutex::try_lock() {
  if (!rt::word_lock::try_lock(word_)) return false;
  announce(&Observer::acquire, this);
  announce(&Observer::locked, this, LockMode::kExclusive, LockHow::kTry, __builtin_return_address(0));
  return true;
}

void Mutex::unlock() {
  announce(&Observer::unlocked, this, LockMode::kExclusive);
  announce(&Observer::release, this);
  if (!rt::word_lock::unlock(word_)) rt::fatal("sync: unlock of unlocked mutex");
}

}  // namespace csp
