# Sourced by the tests of the front ends: a scratch directory, a program with one finding, and expectations.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/twice.cpp" <<'SOURCE'
#include <csp/csp.h>
void twice(csp::Chan<int> ch) {
  ch.close();
  ch.close();
}
SOURCE

cat >"$work/perhaps.cpp" <<'SOURCE'
#include <csp/csp.h>
bool coin();
void perhaps(csp::Chan<int> ch) {
  if (coin()) ch.close();
  ch.close();
}
SOURCE

fail() {
  echo "FAILED: $1"
  echo "--- status $status, output:"
  cat "$work/out"
  exit 1
}

# run COMMAND...: leaves its status in $status and its output, both streams, in $work/out.
run() {
  status=0
  "$@" >"$work/out" 2>&1 || status=$?
}

expect_status() { [ "$status" -eq "$1" ] || fail "expected status $1"; }
expect_line() { grep -q -e "$1" "$work/out" || fail "expected a line like: $1"; }
expect_no_line() { ! grep -q -e "$1" "$work/out" || fail "expected no line like: $1"; }
