#!/usr/bin/env python3
"""Runs a program several times and compares what it recorded with what its first lines say it does.

usage: check.py SOURCE PROGRAM

    // finds: RULE [wait reason] xCOUNT      one line for each finding that is no note; the last two parts may be missing
    // finds: nothing
    // status: 2                              0 unless said
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

RUNS = int(os.environ.get("CSP_LEAK_TEST_RUNS", "5"))


def expectation(source):
    finds, status = [], 0
    for line in open(source, encoding="utf-8"):
        if found := re.match(r"// finds: (.*)", line):
            finds.append(found[1].strip())
        elif found := re.match(r"// status: (\d+)", line):
            status = int(found[1])
    return sorted(f for f in finds if f != "nothing"), status


def kind(finding):
    agents = finding.get("agents", [])
    if finding["rule"] in ("csp-goroutine-leak", "csp-deadlock") and agents and "wait_reason" in agents[0]:
        return f"{finding['rule']} [{agents[0]['wait_reason']}]"
    return finding["rule"]


def shown(findings, counts):
    """Findings of a kind are added up: an unrolled loop starts alike goroutines in several places."""
    totals = collections.Counter()
    for finding in findings:
        totals[kind(finding)] += counts.get((finding["pid"], finding["number"]), 1)
    return sorted(text + (f" x{count}" if count > 1 else "") for text, count in totals.items())


def run(program):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "record.jsonl")
        result = subprocess.run([program], env={**os.environ, "CSP_RACE_RECORD": path}, capture_output=True, timeout=60)
        records = [json.loads(line) for line in open(path, encoding="utf-8")]
    counts = {(r["pid"], r["number"]): r["count"] for r in records if r["t"] == "count"}
    findings = [r for r in records if r["t"] == "finding" and r["grade"] != "note"]
    return shown(findings, counts), result.returncode, result.stderr.decode(errors="replace")


def main():
    source, program = sys.argv[1:]
    wanted, wanted_status = expectation(source)
    for attempt in range(1, RUNS + 1):
        found, status, errors = run(program)
        if (found, status) != (wanted, wanted_status):
            sys.exit(f"run {attempt} of {RUNS}:\n  wanted {wanted}, status {wanted_status}\n"
                     f"  found  {found}, status {status}\n{errors}")


main()
