#!/usr/bin/env python3
"""Runs one sample and compares what it does with what is written down about it.

plain: what the program prints and how it ends is compared with expected/<name>.txt. That file is the
    expected standard output. A line `--- any order` at its top makes the order of lines irrelevant; after
    `--- stderr` come lines that standard error must begin with; `--- exit N` is the exit status, otherwise 0.
    `...` in a line stands for any text.

race: the program is run under csp-race. Every finding must be at a line of the source that is marked
    `// BUG: <rule>` (or `// BUG: <rule> or <rule>`) with its rule, every rule that is marked must be found, and csp-race
    must exit with 66 if there are marks and 0 if not. Notes are no findings.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

FOUND = 66


def fail(message, *streams):
    print(f"FAILED: {message}")
    for title, text in streams:
        print(f"---- {title}\n{text}")
    sys.exit(1)


def matches(pattern, line):
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("...")), line) is not None


def same_lines(expected, actual, any_order):
    if any_order:
        expected, actual = sorted(expected), sorted(actual)
    return len(expected) == len(actual) and all(map(matches, expected, actual))


class Expected:
    """A file of expected/, taken apart."""

    def __init__(self, path):
        self.stdout, self.stderr, self.status, self.any_order = [], [], 0, False
        section = self.stdout
        with open(path, encoding="utf-8") as file:
            for line in file.read().splitlines():
                if line == "--- any order":
                    self.any_order = True
                elif line == "--- stderr":
                    section = self.stderr
                elif match := re.fullmatch(r"--- exit (\d+)", line):
                    self.status = int(match[1])
                else:
                    section.append(line)


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    return done.returncode, done.stdout, done.stderr


def check_plain(options):
    expected = Expected(options.expected)
    status, stdout, stderr = run([options.program, *options.arguments])
    streams = [("stdout", stdout), ("stderr", stderr)]
    if status != expected.status:
        fail(f"exit status {status}, expected {expected.status}", *streams)
    if not same_lines(expected.stdout, stdout.splitlines(), expected.any_order):
        fail("stdout differs", *streams, ("expected", "\n".join(expected.stdout)))
    if not same_lines(expected.stderr, stderr.splitlines()[: len(expected.stderr)], False):
        fail("stderr begins differently", *streams, ("expected", "\n".join(expected.stderr)))


def marks_in(source):
    """Line number -> the rules that may be reported there."""
    marks = {}
    with open(source, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if match := re.search(r"// BUG: (.+)$", line):
                marks[number] = re.split(r" or ", match[1].strip())
    return marks


def project_line(stack, source):
    """The innermost line of `source` in a stack of frames."""
    for frame in stack:
        if os.path.basename(frame.get("file", "")) == os.path.basename(source):
            return frame.get("line")
    return None


def check_race(options):
    marks = marks_in(options.source)
    with tempfile.TemporaryDirectory() as directory:
        document = os.path.join(directory, "findings.json")
        status, stdout, stderr = run([options.csp_race, "--json", document, options.program, *options.arguments])
        streams = [("stdout", stdout), ("stderr", stderr)]
        if not os.path.exists(document):
            fail(f"csp-race wrote no findings, exit status {status}", *streams)
        with open(document, encoding="utf-8") as file:
            findings = [finding for finding in json.load(file)["findings"] if finding["level"] != "note"]

    if status != (FOUND if marks else 0):
        fail(f"exit status {status}, expected {FOUND if marks else 0}", *streams)
    name = os.path.basename(options.source)
    for finding in findings:
        rule, file, line = finding["rule"], finding.get("file", ""), finding.get("line")
        if os.path.basename(file) != name or rule not in marks.get(line, []):
            fail(f"{rule} at {file}:{line}, which is not marked so", *streams)
        for access in finding.get("accesses", []):
            line = project_line(access["stack"], options.source)
            if rule not in marks.get(line, []):
                fail(f"{rule}: {access['op']} at {name}:{line}, which is not marked so", *streams)
    found = {finding["rule"] for finding in findings}
    for line, rules in marks.items():
        if not found.intersection(rules):
            fail(f"{' or '.join(rules)} of line {line} was not found", *streams)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["plain", "race"])
    parser.add_argument("--program", required=True)
    parser.add_argument("--expected", help="plain: the file to compare with")
    parser.add_argument("--csp-race", help="race: the csp-race to run")
    parser.add_argument("--source", help="race: the sample's source")
    parser.add_argument("--argument", dest="arguments", action="append", default=[], help="of the program")
    options = parser.parse_args()
    (check_plain if options.mode == "plain" else check_race)(options)


if __name__ == "__main__":
    main()
