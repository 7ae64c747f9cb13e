#!/bin/sh
# The plugin as part of a compiler: where findings stop a build, and how they are switched.
. "$(dirname "$0")/support.sh"

# shellcheck disable=SC2086  # A list of flags.
compile() { run "$CLANG" -std=c++20 $INCLUDES "-fplugin=$PLUGIN" -c -o "$work/out.o" "$@"; }

# A certain panic is an error, and no object file is left.
compile "$work/twice.cpp"
expect_status 1
expect_line "twice.cpp:4:6: error: close of closed channel 'ch' \[csp-double-close\]"
expect_line "twice.cpp:3:6: note: closed here"
[ ! -e "$work/out.o" ] || fail "an object file was left"

# A possible one is a warning, and obeys -Werror and -w.
compile "$work/perhaps.cpp"
expect_status 0
expect_line "perhaps.cpp:5:6: warning: close of channel 'ch', which may be closed already \[csp-double-close\]"
compile -Werror "$work/perhaps.cpp"
expect_status 1
expect_line "error: close of channel 'ch'"
compile -w "$work/perhaps.cpp"
expect_status 0
expect_no_line "csp-double-close"

# Arguments.
compile -fplugin-arg-csp-disable=csp-double-close "$work/twice.cpp"
expect_status 0
expect_no_line "csp-double-close"
compile -fplugin-arg-csp-error=csp-double-close "$work/perhaps.cpp"
expect_status 1
compile -fplugin-arg-csp-disable=csp-nonsense "$work/twice.cpp"
expect_status 1
expect_line "csp plugin: unknown argument 'disable=csp-nonsense'"
compile -fplugin-arg-csp-nonsense "$work/twice.cpp"
expect_status 1
expect_line "csp plugin: unknown argument 'nonsense'"

# Where the compiler itself finds an error, we are silent.
{ cat "$work/twice.cpp"; echo 'int x = "";'; } >"$work/broken.cpp"
compile "$work/broken.cpp"
expect_status 1
expect_no_line "csp-double-close"

# Code is made as if the plugin were not there.
printf 'int main() {}\n' >"$work/empty.cpp"
run "$CLANG" "-fplugin=$PLUGIN" -O2 -o "$work/empty" "$work/empty.cpp"
expect_status 0
run "$work/empty"
expect_status 0
