#include "core/flags.h"

#include <sys/syscall.h>

#include "base/base.h"
#include "base/system_calls.h"

namespace csp::race {

constinit Flags flags;

namespace {

bool is_separator(char c) { return c == ':' || c == ',' || c == ' ' || c == '\n' || c == '\t'; }

/// Whether the option at `text` is `name=`; moves `text` to the value.
bool takes(const char*& text, const char* name) {
  const char* at = text;
  while (*name != 0 && *at == *name) ++at, ++name;
  if (*name != 0 || *at != '=') return false;
  text = at + 1;
  return true;
}

bool parse_value(const char* text, const char* end, int* value) {
  int sign = 1;
  if (text != end && *text == '-') sign = -1, ++text;
  if (text == end) return false;
  int result = 0;
  for (; text != end; ++text) {
    if (*text < '0' || *text > '9' || result > 100'000'000) return false;
    result = result * 10 + (*text - '0');
  }
  *value = sign * result;
  return true;
}

void complain(const char* option, const char* end) {
  const char before[] = "csp-race: warning: CSP_RACE_OPTIONS: ignored \"";
  const char after[] = "\"; known are"
#define CSP_FLAG(type, name, value, help) " " #name
#include "core/flags.inc"
#undef CSP_FLAG
                       ", each as name=number\n";
  system_call(SYS_write, 2, reinterpret_cast<long>(before), sizeof(before) - 1);
  system_call(SYS_write, 2, reinterpret_cast<long>(option), end - option);
  system_call(SYS_write, 2, reinterpret_cast<long>(after), sizeof(after) - 1);
}

}  // namespace

void parse_flags(const char* options) {
  while (options != nullptr && *options != 0) {
    if (is_separator(*options)) {
      ++options;
      continue;
    }
    const char* end = options;
    while (*end != 0 && !is_separator(*end)) ++end;
    const char* at = options;
    int value = 0;
    bool known = false;
#define CSP_FLAG(type, name, initial, help)                       \
  if (!known && takes(at, #name) && parse_value(at, end, &value)) { \
    flags.name = static_cast<type>(value);                         \
    known = true;                                                  \
  }
#include "core/flags.inc"
#undef CSP_FLAG
    if (!known) complain(options, end);
    options = end;
  }
}

}  // namespace csp::race
