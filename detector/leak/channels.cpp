#include "channels.h"

#include "private_memory.h"

namespace csp::leak {
namespace {

struct Made {
  Made* next;
  std::uintptr_t channel;
  std::uintptr_t pc;
};

/// Channels by address, one lock for each bucket.
struct Bucket {
  SpinMutex lock;
  Made* first = nullptr;
};

constexpr unsigned kBucketBits = 12;
constinit Bucket buckets[1u << kBucketBits];
constinit SpinMutex pool_lock;
constinit Pool<Made> pool;

Bucket& bucket_of(std::uintptr_t channel) {
  return buckets[(channel >> 4) * 0x9e3779b97f4a7c15u >> (64 - kBucketBits)];
}

}  // namespace

void channel_made(std::uintptr_t channel, std::uintptr_t pc) {
  Made* made = nullptr;
  {
    SpinGuard guard(pool_lock);
    made = pool.create();
  }
  if (made == nullptr) return;  // A report will lack the place; nothing depends on it.
  made->channel = channel;
  made->pc = pc;
  Bucket& bucket = bucket_of(channel);
  SpinGuard guard(bucket.lock);
  made->next = bucket.first;
  bucket.first = made;
}

void channel_gone(std::uintptr_t channel) {
  Made* gone = nullptr;
  {
    Bucket& bucket = bucket_of(channel);
    SpinGuard guard(bucket.lock);
    for (Made** at = &bucket.first; *at != nullptr; at = &(*at)->next) {
      if ((*at)->channel != channel) continue;
      gone = *at;
      *at = gone->next;
      break;
    }
  }
  if (gone == nullptr) return;
  SpinGuard guard(pool_lock);
  pool.destroy(gone);
}

std::uintptr_t where_made(std::uintptr_t channel) {
  Bucket& bucket = bucket_of(channel);
  SpinGuard guard(bucket.lock);
  for (const Made* made = bucket.first; made != nullptr; made = made->next) {
    if (made->channel == channel) return made->pc;
  }
  return 0;
}

}  // namespace csp::leak
