#pragma once
// All of Go's sync package, and what belongs with it. Each type has a header of its own.

// The standard guards, which our mutexes are used with.
#include <mutex>
#include <shared_mutex>

#include "csp/checked_map.h"
#include "csp/cond.h"
#include "csp/mutex.h"
#include "csp/once.h"
#include "csp/rw_mutex.h"
#include "csp/semaphore.h"
#include "csp/sync_map.h"
#include "csp/wait_group.h"
