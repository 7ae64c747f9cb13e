#!/bin/sh
# csp-race-vet: the same findings, as text and as JSON lines, with flags given, from a database, and from neither.
. "$(dirname "$0")/support.sh"

# shellcheck disable=SC2086  # A list of flags.
run "$VET" "$work/twice.cpp" -- -std=c++20 $INCLUDES
expect_status 0
expect_line "twice.cpp:4:6: error: close of closed channel 'ch' \[csp-double-close\]"
expect_line "twice.cpp:3:6: note: closed here"

# shellcheck disable=SC2086
run "$VET" --json-lines "$work/twice.cpp" "$work/perhaps.cpp" -- -std=c++20 $INCLUDES
expect_status 0
python3 - "$work/out" <<'CHECK' || fail "the JSON is not as documented"
import json, sys
findings = [json.loads(line) for line in open(sys.argv[1])]
assert [(f["rule"], f["level"], f["line"], f["column"]) for f in findings] == [
    ("csp-double-close", "error", 4, 6), ("csp-double-close", "warning", 5, 6)], findings
assert all(f["file"].endswith(".cpp") and f["message"] for f in findings)
assert findings[0]["notes"] == [{"message": "closed here", "file": findings[0]["file"], "line": 3, "column": 6}]
assert set(findings[0]) == {"rule", "level", "message", "file", "line", "column", "notes"}
CHECK

# A database made by GCC: its own flags, a plugin and -Werror do not get in the way.
cat >"$work/compile_commands.json" <<DATABASE
[{"directory": "$work", "file": "twice.cpp",
  "command": "g++ -std=gnu++20 -fanalyzer -fconcepts-diagnostics-depth=2 -Wall -Werror -Wno-such-thing $INCLUDES -o twice.o -c twice.cpp"}]
DATABASE
run "$VET" -p "$work" "$work/twice.cpp"
expect_status 0
expect_line "error: close of closed channel 'ch'"
# Found by looking upwards from the file, too.
run "$VET" "$work/twice.cpp"
expect_status 0
expect_line "error: close of closed channel 'ch'"

# What cannot be read is an error, never a clean result.
# shellcheck disable=SC2086
run "$VET" "$work/missing.cpp" -- -std=c++20 $INCLUDES
expect_status 1
echo 'int x = "";' >"$work/broken.cpp"
run "$VET" "$work/broken.cpp" -- -std=c++20
expect_status 1
expect_line "broken.cpp:1:5: error"
run "$VET" -p "$work/nowhere" "$work/twice.cpp"
expect_status 1
run "$VET"
expect_status 1
expect_line "usage: csp-race-vet"
run "$VET" --nonsense "$work/twice.cpp"
expect_status 1
expect_line "unknown option '--nonsense'"
