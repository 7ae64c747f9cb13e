#pragma once

namespace csp::race {

/// Offers the leak tracker what the interceptors know of the heap.
void offer_heap_index();

}  // namespace csp::race
