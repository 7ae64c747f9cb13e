#!/bin/sh
# A bug in a plugin is a crash of the compiler: all samples, and the sources of runtime and detector,
# go through the checks.
# Correct ones must come out without a finding; samples/bugs are there to have some. What needs more than these
# flags to compile (generated headers, other packages) is passed over and not counted.
. "$(dirname "$0")/support.sh"

read_files=0
for file in $(find "$SOURCE/samples" "$SOURCE/runtime" "$SOURCE/detector" -name '*.cpp' | sort); do
  flags="-std=c++20 -Wno-everything -fsyntax-only $INCLUDES -I$SOURCE/runtime/src -I$SOURCE/detector/src -I$SOURCE/detector/report/include"
  flags="$flags -I$SOURCE/detector"
  # shellcheck disable=SC2086  # A list of flags.
  run "$CLANG" $flags "-fplugin=$PLUGIN" "$file"
  expect_no_line "PLEASE submit a bug report"
  expect_no_line "Stack dump:"
  if [ "$status" -ne 0 ] && ! grep -q '\[csp-' "$work/out"; then continue; fi
  read_files=$((read_files + 1))
  case $file in
    */samples/bugs/*_fixed*) expect_no_line '\[csp-' ;;
    */samples/bugs/*) ;;
    *) expect_no_line '\[csp-' ;;
  esac
done
echo "$read_files files"
[ "$read_files" -gt 0 ] || fail "no file could be read"
