// The reference counts of exception objects. libstdc++ keeps them, uninstrumented, in atomics we do not see; who drops
// the last reference runs the object's destructor, after all that others did with it.
//
// A drop is modelled as what it is, an atomic read-modify-write with acquire and release order.

#include <unwind.h>

#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

/// The header in front of an exception object, as the Itanium ABI and libstdc++ lay it out.
struct ExceptionHeader {
  void* type;  // Of a dependent one (made by rethrow_exception): the exception object it stands for.
  void* destructor;
  void* unexpected_handler;
  void* terminate_handler;
  ExceptionHeader* next;
  int handler_count;  // Negative while rethrown.
  int handler_switch_value;
  const unsigned char* action_record;
  const unsigned char* language_specific_data;
  void* catch_temp;
  void* adjusted_pointer;
  _Unwind_Exception unwind_header;  // The object begins behind it.
};

struct ExceptionGlobals {
  ExceptionHeader* caught;
  unsigned uncaught;
};

// "GNUCC++" and whether it is dependent.
constexpr std::uint64_t kPrimaryClass = 0x474e5543432b2b00;
constexpr std::uint64_t kDependentClass = 0x474e5543432b2b01;

constinit RealFunction<ExceptionGlobals*()> real_globals{"__cxa_get_globals"};

void* object_of(ExceptionHeader& header) {
  switch (header.unwind_header.exception_class) {
    case kPrimaryClass:
      return &header + 1;
    case kDependentClass:
      return header.type;
    default:
      return nullptr;  // Another language's.
  }
}

void reference_dropped(void* object) {
  // Not the object's first byte: an atomic of the user's may be there.
  const Address reference_count = address_of(static_cast<ExceptionHeader*>(object) - 1);
  release_merge(reference_count);
  acquire(reference_count);
}

}  // namespace

void initialize_exception() {}

extern "C" {

CSP_INTERCEPT(void, __cxa_end_catch) {
  if (!bypass()) {
    ExceptionHeader* header = real_globals()->caught;
    if (header != nullptr && header->handler_count == 1) {
      if (void* object = object_of(*header); object != nullptr) reference_dropped(object);
    }
  }
  real___cxa_end_catch();
}

// std::exception_ptr's only member is a pointer to the object.
CSP_INTERCEPT(void, _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv, void** self) {
  if (!bypass() && *self != nullptr) reference_dropped(*self);
  real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(self);
}

}  // extern "C"
}  // namespace csp::race
