#!/bin/sh
# verify.sh FILE: compiles FILE with the plugin; its findings must be those that FILE's comments expect.
# Twice: checking the syntax only, and through a precompiled header.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags="-std=c++20 -Wno-everything $INCLUDES"
# shellcheck disable=SC2086  # Lists of flags.
"$CLANG" $flags -fsyntax-only "-fplugin=$PLUGIN" -Xclang -verify "$1"

echo '#include <csp/csp.h>' >"$work/all.h"
# shellcheck disable=SC2086
"$CLANG" $flags -x c++-header "$work/all.h" -o "$work/all.pch"
# shellcheck disable=SC2086
"$CLANG" $flags -fsyntax-only -include-pch "$work/all.pch" "-fplugin=$PLUGIN" -Xclang -verify "$1"
