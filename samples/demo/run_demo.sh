#!/bin/sh
# Shows csp-race at work on the word index: `run_demo.sh BUILD_DIR [TREE]`. Called by `make demo`.
# Fails unless exactly the three bugs are found in word_index, and nothing in word_index_fixed.
set -u

if [ $# -lt 1 ] || [ ! -x "$1/bin/csp-race" ]; then
  echo "usage: $0 BUILD_DIR [TREE]   (BUILD_DIR must hold bin/csp-race)" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
sources=$(cd "$(dirname "$0")" && pwd)
tree=${2:-$(cd "$sources/../.." && pwd)}
findings=$(mktemp -d) || exit 1
trap 'rm -rf "$findings"' EXIT

fail() {
  echo "demo: FAILED: $1" >&2
  exit 1
}

# Prints the rules of the findings in JSON document $1, one a line, sorted.
rules_in() {
  python3 -c '
import json, sys
for rule in sorted(finding["rule"] for finding in json.load(open(sys.argv[1]))["findings"] if finding["level"] != "note"):
    print(rule)' "$1"
}

echo "== csp-race word_index $tree"
echo "== A program that indexes the words of a source tree. Its output looks right; it has three bugs."
echo
"$build/bin/csp-race" --json "$findings/buggy.json" "$build/samples/demo/word_index_race" "$tree"
status=$?
echo
[ "$status" -eq 66 ] || fail "word_index: exit status $status, expected 66"
found=$(rules_in "$findings/buggy.json") || fail "word_index: no readable findings"
expected="csp-data-race
csp-goroutine-leak
csp-lock-order"
[ "$found" = "$expected" ] || fail "word_index: found
$found
expected
$expected"

echo "== csp-race word_index_fixed $tree"
echo "== The same program with the three bugs fixed; this is what changed:"
for program in word_index word_index_fixed; do
  sed -e '\|^//|d' -e 's| *// BUG:.*||' "$sources/$program.cpp" >"$findings/$program.cpp"
done
diff "$findings/word_index.cpp" "$findings/word_index_fixed.cpp" | grep '^[<>]'
echo
"$build/bin/csp-race" --json "$findings/fixed.json" "$build/samples/demo/word_index_fixed_race" "$tree"
status=$?
echo
[ "$status" -eq 0 ] || fail "word_index_fixed: exit status $status, expected 0"
found=$(rules_in "$findings/fixed.json") || fail "word_index_fixed: no readable findings"
[ -z "$found" ] || fail "word_index_fixed: found $found"

echo "demo: csp-race found a data race, a leaked goroutine and a lock order that can deadlock, each with the"
echo "      lines concerned, in a run that looked fine; and nothing in the program without them."
