#!/usr/bin/env bash
# Builds the project in consumer/ against csp-race as its users would, and runs what it built.
#   package_test.sh SOURCE_DIR BUILD_DIR CXX install|subdirectory
set -euo pipefail
source_dir=$1 build_dir=$2 cxx=$3 how=$4
consumer=$source_dir/tests/package/consumer
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "package: FAILED: $*" >&2; exit 1; }

csp_race=$build_dir/bin/csp-race
options=(-G Ninja -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_BUILD_TYPE=RelWithDebInfo)
if [ "$how" = install ]; then
  cmake --install "$build_dir" --prefix "$scratch/prefix" >"$scratch/install.log"
  options+=(-DCMAKE_PREFIX_PATH="$scratch/prefix")
  csp_race=$scratch/prefix/bin/csp-race
else
  options+=(-DCSP_RACE_SOURCE="$source_dir")
fi
cmake -S "$consumer" -B "$scratch/build" "${options[@]}" >"$scratch/configure.log" || { cat "$scratch/configure.log"; fail "configure"; }
cmake --build "$scratch/build" >"$scratch/build.log" || { cat "$scratch/build.log"; fail "build"; }

[ "$("$scratch/build/plain")" = 42 ] || fail "the plain program does not print 42"

# The bug is in a library of the project, main in another file. Both must be named.
status=0
"$csp_race" --json "$scratch/report.json" "$scratch/build/buggy" >"$scratch/out" 2>"$scratch/err" || status=$?
[ "$status" = 66 ] || { cat "$scratch/err"; fail "buggy ended with $status, not 66"; }
grep -q 'library.cpp:[0-9]*:[0-9]*: error: .*\[csp-data-race\]' "$scratch/err" || { cat "$scratch/err"; fail "no race in library.cpp"; }
"$csp_race" "$scratch/build/threads" >"$scratch/out" 2>"$scratch/err" || { cat "$scratch/err"; fail "the correct std::thread program is accused"; }

if [ "$how" = install ]; then
  "$csp_race" c++ "$consumer/main.cpp" "$consumer/library.cpp" -o "$scratch/by_hand" || fail "csp-race c++"
  status=0
  "$csp_race" -q "$scratch/by_hand" >/dev/null 2>"$scratch/err" || status=$?
  [ "$status" = 66 ] || { cat "$scratch/err"; fail "the program built by hand ended with $status, not 66"; }
fi
echo "package ($how): all as it should be"
