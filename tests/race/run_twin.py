#!/usr/bin/env python3
"""Runs one program of the corpus again and again, and compares what the detector found with its source.

A program under race/ must be caught in every run, and the lines of the accesses reported, over all runs, must be the
lines that its source marks with `// RACE`. A program under norace/ must end well, with nothing found, in every run.

Directives in the source, each on a comment line of its own:
    // ADDRESSES n    every run reports exactly n distinct racing addresses
    // RUNS n         this many runs at most: the program is slow
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

RULE = "csp-data-race"


class Failure(Exception):
    """What is wrong, in words for the person who reads the log."""


def directive(source_text, name):
    match = re.search(rf"^// {name} (\d+)$", source_text, re.MULTILINE)
    return int(match.group(1)) if match else None


def run_once(program, environment, timeout):
    """Returns (exit status, stderr, records)."""
    with tempfile.NamedTemporaryFile(prefix="csp-race-twin-", suffix=".jsonl") as record:
        environment = dict(environment, CSP_RACE_RECORD=record.name)
        try:
            done = subprocess.run([program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as expired:
            raise Failure(f"it hung for {timeout} seconds") from expired
        with open(record.name, encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.endswith("\n")]
        return done.returncode, done.stderr.decode(errors="replace"), records


class Symbolizer:
    """Return addresses to lines of one source file, by llvm-symbolizer; many at once."""

    def __init__(self, command, source):
        self._command = command
        self._source = os.path.basename(source)
        self._places = {}

    def look_up(self, places):
        unknown = sorted(place for place in places if place not in self._places)
        if not unknown:
            return
        queries = "".join(f"CODE {module} {offset:#x}\n" for module, offset in unknown)
        done = subprocess.run([self._command, "--output-style=JSON", "--inlines"], input=queries, stdout=subprocess.PIPE,
                              text=True, check=True)
        for place, answer in zip(unknown, done.stdout.splitlines(), strict=True):
            self._places[place] = [
                symbol["Line"] for symbol in json.loads(answer).get("Symbol", [])
                if os.path.basename(symbol["FileName"]) == self._source
            ]

    def innermost_line(self, stack):
        """The line of the innermost frame that is in the source file; None when there is none."""
        for place in stack:
            if self._places[place]:
                return self._places[place][0]
        return None


def places_of(stack, modules):
    """Return addresses to (module, file address of the call)."""
    places = []
    for text in stack:
        address = int(text, 16) - 1
        for module in modules:
            if int(module["low"], 16) <= address < int(module["high"], 16):
                places.append((module["path"], address - int(module["bias"], 16)))
                break
    return places


def accesses_of(records):
    """Each access of each race, as (op, address, places of its stack)."""
    modules = [record for record in records if record["t"] == "module"]
    for record in records:
        if record["t"] != "finding" or record["rule"] != RULE:
            continue
        for access in record["accesses"]:
            yield access["op"], access["address"], places_of(access.get("stack", []), modules)


def check_runs(options, text, symbolizer):
    marked = {number for number, line in enumerate(text.splitlines(), 1) if re.search(r"// RACE$", line)}
    addresses_wanted = directive(text, "ADDRESSES")
    runs = min(options.runs, directive(text, "RUNS") or options.runs)
    if options.twin == "race" and not marked:
        raise Failure("the source marks no line with // RACE")
    lines = set()
    for number in range(1, runs + 1):
        environment = dict(os.environ, CSP_PROCS=os.environ.get("CSP_PROCS", "4"))
        status, stderr, records = run_once(options.program, environment, options.timeout)
        where = f"run {number} of {runs}: "
        if status < 0:
            raise Failure(f"{where}died of signal {-status}\n{stderr}")
        if not any(record["t"] == "end" for record in records):
            raise Failure(f"{where}the record has no end\n{stderr}")
        findings = [record for record in records if record["t"] == "finding"]
        races = list(accesses_of(records))
        if options.twin == "norace":
            if findings:
                symbolizer.look_up({place for _, _, stack in races for place in stack})
                told = ", ".join(f"{op} at line {symbolizer.innermost_line(stack)}" for op, _, stack in races)
                rules = ", ".join(finding["rule"] for finding in findings)
                raise Failure(f"{where}false alarm: {rules} ({told})")
            if status != 0:
                raise Failure(f"{where}exit status {status}\n{stderr}")
            continue
        if not races:
            raise Failure(f"{where}missed, exit status {status}\n{stderr}")
        if any(finding["rule"] != RULE for finding in findings):
            raise Failure(f"{where}found {sorted({finding['rule'] for finding in findings})}")
        addresses = {address for _, address, _ in races}
        if addresses_wanted is not None and len(addresses) != addresses_wanted:
            raise Failure(f"{where}{len(addresses)} racing addresses, expected {addresses_wanted}")
        symbolizer.look_up({place for _, _, stack in races for place in stack})
        here = {symbolizer.innermost_line(stack) for _, _, stack in races}
        if not here <= marked:
            raise Failure(f"{where}reported lines {sorted(map(str, here))}, marked are {sorted(marked)}")
        lines |= here
    if options.twin == "race" and lines != marked:
        raise Failure(f"in {runs} runs lines {sorted(lines)} were reported, marked are {sorted(marked)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("twin", choices=["race", "norace"])
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("--symbolizer", default="llvm-symbolizer-19")
    parser.add_argument("--runs", type=int, default=int(os.environ.get("RACE_RUNS", "20")))
    parser.add_argument("--timeout", type=float, default=60)
    options = parser.parse_args()
    with open(options.source, encoding="utf-8") as source:
        text = source.read()
    try:
        check_runs(options, text, Symbolizer(options.symbolizer, options.source))
    except Failure as failure:
        print(f"{options.source}: {failure}")
        print(f"replay with: {shlex.join([sys.executable, *sys.argv])}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
