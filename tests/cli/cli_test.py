"""Drives the csp-race binary as a user does: one test method for each ctest case `cli.<case>`.

usage: cli_test.py TOOL FIXTURE CASE
       cli_test.py TOOL FIXTURE --update    writes the golden texts of expected/ anew

The fixture claims findings that are known exactly (see fixture.cpp), so that texts can be compared. Addresses, process
ids and times are replaced before.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDEN_MODES = ["race", "leak", "note", "deadlock", "lock_order", "panic", "unheard", "twice", "fork", "many", "exit0", "plain"]

TOOL, FIXTURE = "", ""


def tool(*words, **options):
    """Runs csp-race in the root of the tree, where the fixture was compiled. Output is bytes turned to text."""
    options.setdefault("cwd", ROOT)
    return subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True, timeout=60, **options)


def normalised(text):
    text = re.sub(r"0x[0-9a-f]{4,}", "0x...", text)
    text = re.sub(r", \d+ ms|, \d+\.\d s(?=[,\n])", ", TIME", text)
    text = re.sub(r"pid: \d+", "pid: PID", text)
    return re.sub(r"process \d+", "process PID", text)


class Cli(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.temp.name)

    def tearDown(self):
        self.temp.cleanup()

    def kept(self, *modes):
        """Records of a run of the fixture."""
        path = self.dir / "records.jsonl"
        tool("--keep", path, FIXTURE, *modes)
        return path

    def document(self, *modes):
        return json.loads(tool("--json", "-", FIXTURE, *modes).stdout)

    # What is printed.

    def test_golden_texts(self):
        for mode in GOLDEN_MODES:
            with self.subTest(mode=mode):
                self.assertEqual((HERE / "expected" / f"{mode}.txt").read_text(), normalised(tool(FIXTURE, mode).stderr))

    def test_headers_fit_the_gcc_problem_matcher(self):
        for mode in ["race", "leak", "deadlock", "lock_order", "panic"]:
            first = tool(FIXTURE, mode).stderr.splitlines()[0]
            self.assertRegex(first, r"^tests/cli/fixture\.cpp:\d+:\d+: (error|warning): .+ \[csp-[a-z-]+\]$")

    def test_a_race_takes_at_most_16_lines(self):
        self.assertLessEqual(len(tool(FIXTURE, "race").stderr.strip().splitlines()) - 2, 18)

    def test_quiet_is_silent_when_clean(self):
        run = tool("-q", FIXTURE, "exit0")
        self.assertEqual(("", "", 0), (run.stdout, run.stderr, run.returncode))

    def test_max_print_counts_the_rest(self):
        run = tool("--max-print", 2, FIXTURE, "panic", "race", "leak")
        self.assertEqual(2, len(re.findall(r"\[csp-", run.stderr)))
        self.assertIn("1 finding not shown", run.stderr)

    def test_full_shows_runtime_frames(self):
        self.assertIn("#", tool("--full", FIXTURE, "race").stderr)

    def test_color_when_told(self):
        self.assertIn("\033[1;31merror", tool("--color", "always", FIXTURE, "race").stderr)
        self.assertNotIn("\033", tool(FIXTURE, "race").stderr)
        self.assertNotIn("\033", tool(FIXTURE, "race", env={**os.environ, "NO_COLOR": "1"}).stderr)

    # The streams and the status of the program.

    def test_output_of_the_program_is_untouched(self):
        alone = subprocess.run([FIXTURE, "output"], capture_output=True, timeout=60)
        run = subprocess.run([TOOL, FIXTURE, "output", "race"], capture_output=True, timeout=60)
        self.assertGreater(len(alone.stdout), 5_000_000)
        self.assertEqual(alone.stdout, run.stdout)
        self.assertEqual(66, run.returncode)

    def test_json_follows_the_output_of_the_program(self):
        run = tool("--json", "-", FIXTURE, "output")
        self.assertEqual("csp-race/report/1", json.loads(run.stdout[100_000 * 65:])["schema"])

    def test_stdin_reaches_the_program(self):
        run = tool("/bin/cat", input="through\n")
        self.assertEqual("through\n", run.stdout)

    def test_exit_status_of_a_clean_program(self):
        self.assertEqual(3, tool(FIXTURE, "exit3").returncode)

    def test_findings_replace_the_exit_status(self):
        self.assertEqual(66, tool(FIXTURE, "race", "exit3").returncode)
        self.assertEqual(9, tool("--exit-code", 9, FIXTURE, "race", "exit3").returncode)
        self.assertEqual(3, tool("--exit-code", 0, FIXTURE, "race", "exit3").returncode)

    def test_notes_do_not_change_the_exit_status(self):
        self.assertEqual(0, tool(FIXTURE, "note").returncode)

    def test_crash_keeps_its_signal_and_the_findings(self):
        run = tool(FIXTURE, "race", "crash")
        self.assertEqual(128 + signal.SIGSEGV, run.returncode)
        self.assertIn("[csp-data-race]", run.stderr)
        self.assertIn("died of signal 11", run.stderr)

    def test_killed_program_is_still_reported(self):
        run = tool(FIXTURE, "race", "killed")
        self.assertEqual(128 + signal.SIGKILL, run.returncode)
        self.assertIn("[csp-data-race]", run.stderr)

    def test_interrupt_reaches_both_and_the_report_comes(self):
        # A process group of its own, as a terminal's foreground job is.
        process = subprocess.Popen([TOOL, FIXTURE, "race", "wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True)
        self.assertEqual("ready\n", process.stdout.readline())
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        self.assertIn("[csp-data-race]", stderr)
        self.assertEqual(66, process.returncode)

    def test_termination_is_passed_on(self):
        process = subprocess.Popen([TOOL, FIXTURE, "race", "wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual("ready\n", process.stdout.readline())
        process.terminate()
        _, stderr = process.communicate(timeout=60)
        self.assertIn("[csp-data-race]", stderr)
        self.assertEqual(128 + signal.SIGTERM, process.returncode)

    def test_forked_children_are_in_the_same_document(self):
        document = self.document("fork")
        self.assertEqual(["csp-data-race"], [f["rule"] for f in document["findings"]])
        self.assertNotEqual(document["run"]["pid"], document["findings"][0]["pid"])
        self.assertEqual(2, document["run"]["processes"])

    # What goes wrong.

    def expect_error(self, run, status, *words):
        self.assertEqual(status, run.returncode, run.stderr)
        self.assertIn("csp-race: error: ", run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)

    def test_not_found(self):
        self.expect_error(tool("./no-such-program"), 127, "./no-such-program: not found")
        self.expect_error(tool("no-such-program"), 127, "csp-race --help")
        self.expect_error(tool("run", "no_such_file.cpp"), 127, "no_such_file.cpp: not found")

    def test_not_executable(self):
        plain = self.dir / "plain"
        plain.write_text("no program")
        self.expect_error(tool(plain), 126, "chmod +x")
        plain.write_text("#!/no/such/interpreter\n")
        plain.chmod(0o755)
        self.expect_error(tool(plain), 126, "interpreter")
        self.expect_error(tool(self.dir), 126, "directory")

    def test_not_built_for_csp_race(self):
        self.expect_error(tool("/bin/true"), 125, "was not built for csp-race: nothing was checked", "csp-race doctor")
        run = tool("/bin/sh", "-c", "kill -9 $$")
        self.expect_error(run, 128 + signal.SIGKILL, "nothing was checked")

    def test_misuse(self):
        for words in [[], ["--no-such-option", "x"], ["--exit-code", "many", "x"], ["run"], ["report"],
                      ["report", "x", "--format", "poem"], ["--leaks", "some", "x"]]:
            with self.subTest(words=words):
                self.expect_error(tool(*words), 125, "csp-race: help: ")

    def test_options_after_the_program_are_its_own(self):
        # exit0 ends the fixture before it would read --json.
        run = tool(FIXTURE, "exit0", "--json", "[1,2]")
        self.assertEqual(0, run.returncode)
        self.assertIn("no problems", run.stderr)
        self.assertEqual(0, tool("--", FIXTURE, "exit0").returncode)

    def test_full_disk(self):
        run = tool("--json", "/dev/full", FIXTURE, "race")
        self.expect_error(run, 125, "cannot write the json report to /dev/full: No space left on device")
        self.assertIn("[csp-data-race]", run.stderr)

    def test_unwritable_output(self):
        run = tool("--sarif", self.dir / "none" / "x.sarif", FIXTURE, "race")
        self.expect_error(run, 125, "No such file or directory")
        self.assertIn("[csp-data-race]", run.stderr)

    def test_truncated_record(self):
        path = self.kept("race")
        whole = path.read_bytes()
        finding = whole.index(b'"t":"finding"')
        path.write_bytes(whole[:finding + 200])
        run = tool("report", path)
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertIn("the last record is unfinished", run.stdout)

    def test_unknown_records_are_skipped(self):
        path = self.kept("race")
        path.write_text('{"t":"weather","sun":true}\n' + path.read_text().replace('"rule"', '"new":{"a":[1]},"rule"'))
        self.assertIn("1 problem (1 race)", tool("report", path).stdout)

    def test_damaged_records_are_counted(self):
        path = self.kept("race")
        path.write_text("not json\n" + path.read_text())
        self.assertIn("1 record could not be read", tool("report", path).stdout)

    def test_report_of_something_else(self):
        other = self.dir / "other"
        other.write_text("hello\n")
        self.expect_error(tool("report", other), 125, "holds no records")
        self.expect_error(tool("report", self.dir / "none"), 125, "cannot read")

    # Machine-readable twins.

    def test_json_fits_its_schema(self):
        import jsonschema
        schema = json.loads((ROOT / "cli" / "schema" / "report_schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for mode in GOLDEN_MODES:
            with self.subTest(mode=mode):
                validator.validate(self.document(mode))

    def test_json_of_a_race(self):
        document = self.document("race", "exit3")
        self.assertEqual(3, document["run"]["exit"])
        finding = document["findings"][0]
        self.assertEqual(("csp-data-race", "error", 412), (finding["rule"], finding["level"], finding["count"]))
        self.assertEqual([("write", 7), ("read", 8)], [(a["op"], a["goroutine"]) for a in finding["accesses"]])
        top = finding["accesses"][0]["stack"][0]
        self.assertEqual(("fixture::bump", "tests/cli/fixture.cpp"), (top["function"], top["file"]))
        self.assertEqual((finding["line"], finding["column"]), (top["line"], top["column"]))
        self.assertEqual("fixture::hits", finding["memory"]["name"])

    def test_sarif(self):
        sarif = json.loads(tool("report", self.kept("race", "leak"), "--format", "sarif").stdout)
        self.assertEqual("2.1.0", sarif["version"])
        run = sarif["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        self.assertEqual(["csp-data-race", "csp-goroutine-leak"], rules)
        race = run["results"][0]
        self.assertEqual("csp-data-race", race["ruleId"])
        location = race["locations"][0]["physicalLocation"]
        self.assertEqual({"uri": "tests/cli/fixture.cpp", "uriBaseId": "SRCROOT"}, location["artifactLocation"])
        self.assertEqual(2, len(race["codeFlows"][0]["threadFlows"]))
        self.assertIn("cspRace/v1", race["partialFingerprints"])

    def test_junit(self):
        text = tool("report", self.kept("race", "leak", "note"), "--format", "junit").stdout
        suite = xml.etree.ElementTree.fromstring(text).find("testsuite")
        self.assertEqual(("2", "2"), (suite.get("tests"), suite.get("failures")))
        self.assertIn("[csp-data-race]", suite.find("testcase/failure").text)
        clean = xml.etree.ElementTree.fromstring(tool("report", self.kept("exit0"), "--format", "junit").stdout)
        self.assertEqual("0", clean.get("failures"))

    def test_html_is_one_escaped_page(self):
        text = tool("report", self.kept("race"), "--format", "html").stdout
        self.assertTrue(text.startswith("<!doctype html>"))
        self.assertNotIn("src=", text)
        self.assertIn("data race on &#39;fixture::hits&#39;", text)

    def test_tsan_text(self):
        text = tool("report", self.kept("race"), "--format", "tsan").stdout
        self.assertIn("WARNING: ThreadSanitizer: data race (pid=", text)
        self.assertRegex(text, r"  Write of size 4 at 0x[0-9a-f]+ by thread G7 'worker':\n    #0 fixture::")
        self.assertRegex(text, r"  Previous read of size 4 at 0x[0-9a-f]+ by thread G8:\n")

    def test_go_text(self):
        text = tool("report", self.kept("race"), "--format", "go").stdout
        self.assertIn("==================\nWARNING: DATA RACE\nWrite at 0x", text)
        self.assertIn("Previous read at 0x", text)
        self.assertIn("Found 1 data race(s)", text)

    def test_fingerprint_survives_a_swap_of_the_accesses(self):
        path = self.kept("race")
        before = json.loads(tool("report", path, "--format", "json").stdout)["findings"][0]["fingerprint"]
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        for line in lines:
            line.get("accesses", []).reverse()
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.assertEqual(before, json.loads(tool("report", path, "--format", "json").stdout)["findings"][0]["fingerprint"])

    # The whole way, with the detector.

    def expect_race_and_silence(self, **options):
        racy = tool("run", "--json", "-", "tests/cli/programs/racy.cpp", **options)
        self.assertEqual(66, racy.returncode, racy.stderr)
        self.assertRegex(racy.stderr, r"^tests/cli/programs/racy\.cpp:\d+:\d+: error: data race on 'hits' \(")
        finding, = json.loads(racy.stdout)["findings"]
        marked = [n for n, line in enumerate((HERE / "programs/racy.cpp").read_text().splitlines(), 1) if "RACE" in line]
        self.assertEqual(sorted(marked), sorted({a["stack"][0]["line"] for a in finding["accesses"]}))
        fixed = tool("run", "tests/cli/programs/racy_fixed.cpp", **options)
        self.assertEqual(0, fixed.returncode, fixed.stderr)
        self.assertIn("no problems found", fixed.stderr)

    def test_end_to_end_clang(self):
        self.expect_race_and_silence(env={**os.environ, "CSP_RACE_CXX": "clang++-19"})

    def test_end_to_end_gcc(self):
        self.expect_race_and_silence(env={**os.environ, "CSP_RACE_CXX": "g++-12"})

    def test_end_to_end_separate_compilation(self):
        for compiler in ["clang++-19", "g++-12"]:
            with self.subTest(compiler=compiler):
                env = {**os.environ, "CSP_RACE_CXX": compiler}
                program = self.dir / "racy"
                self.assertEqual(0, tool("c++", "-Werror", "-c", "tests/cli/programs/racy.cpp", "-o", f"{program}.o", env=env).returncode)
                self.assertEqual(0, tool("c++", "-Werror", f"{program}.o", "-o", program, env=env).returncode)
                self.assertEqual(66, tool(program).returncode)
                self.assertIn("it is linked with csp-race", tool("doctor", program).stdout)

    def test_end_to_end_source_that_does_not_compile(self):
        source = self.dir / "broken.cpp"
        source.write_text("int main() { return }\n")
        run = tool("run", source)
        self.expect_error(run, 125, "was not compiled")
        self.assertIn("broken.cpp:1:", run.stderr)

    # Words about itself.

    def test_help_fits_a_terminal(self):
        for words in [["--help"], ["run", "--help"], ["report", "--help"], ["vet", "--help"], ["doctor", "--help"]]:
            with self.subTest(words=words):
                run = tool(*words)
                lines = run.stdout.splitlines()
                self.assertEqual(0, run.returncode)
                self.assertLessEqual(len(lines), 24)
                self.assertLessEqual(max(map(len, lines)), 80)

    def test_version(self):
        self.assertRegex(tool("--version").stdout, r"^csp-race \d+\.\d+\.\d+\n$")


def update():
    for mode in GOLDEN_MODES:
        (HERE / "expected" / f"{mode}.txt").write_text(normalised(tool(FIXTURE, mode).stderr))


if __name__ == "__main__":
    TOOL, FIXTURE = sys.argv[1:3]
    if sys.argv[3] == "--update":
        update()
    else:
        unittest.main(argv=[sys.argv[0]] + [f"Cli.test_{case}" for case in sys.argv[3:]])
