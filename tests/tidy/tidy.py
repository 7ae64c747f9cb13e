#!/usr/bin/env python3
"""Keeps the shape of the tree: reads every #include and fails on an arrow that ARCHITECTURE.md does not
draw, and looks for files nobody builds, names out of style and leftovers.

usage: tidy.py SOURCE_DIR
"""
import pathlib
import re
import subprocess
import sys

# A component is a folder with its include roots. `uses` are the components it may include, `outside`
# the third-party prefixes. The longest matching folder wins.
COMPONENTS = {
    "runtime/hooks": {"roots": ["runtime/hooks/include"], "uses": [], "outside": []},
    "runtime": {"roots": ["runtime/include", "runtime/src"], "uses": ["runtime/hooks"], "outside": []},
    "runtime/src/machine": {"roots": [], "uses": ["runtime", "runtime/hooks"], "outside": ["boost/context/"]},
    "runtime/umbrella": {"roots": ["runtime/umbrella/include"], "uses": ["runtime", "runtime/hooks", "detector"], "outside": []},
    "detector/report": {"roots": ["detector/report", "detector/report/include"], "uses": [], "outside": []},
    "detector/leak": {"roots": ["detector", "detector/leak", "detector/leak/include"], "uses": ["runtime/hooks", "detector/report"],
                      "outside": []},
    "detector": {"roots": ["detector/include", "detector/src"], "uses": ["runtime/hooks", "detector/report", "detector/leak"],
                 "outside": []},
    "cli": {"roots": ["cli"], "uses": [], "outside": ["CLI/", "fmt/", "nlohmann/", "llvm/"]},
    "clang-plugin": {"roots": ["clang-plugin"], "uses": [], "outside": ["clang/", "clang-c/", "llvm/"]},
    "samples": {"roots": ["samples"], "uses": ["runtime/umbrella", "runtime", "detector"], "outside": ["boost/asio", "boost/beast"]},
}
# Single headers that see more than their component: each with its reason.
EXCEPTIONS = {
    "runtime/include/csp/gtest.h": ["gtest/"],  # It is the bridge to GoogleTest, its own target csp::gtest.
    "runtime/src/base/symbolize.cpp": ["backtrace.h"],  # The compiler's own unwinding library.
}
OUTSIDE = ["boost/", "CLI/", "fmt/", "nlohmann/", "llvm/", "clang/", "clang-c/", "gtest/", "gmock/", "benchmark/", "backtrace.h"]

LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|/work/|/tmp/b/|/root/")
FILE_NAME = re.compile(r"^[a-z0-9_]+(\.[a-z]+)*$|^[A-Z]+\.md$|^CMakeLists\.txt$|^\.clang-format$")


def tracked(root):
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True)
    if listing.returncode == 0:
        return [pathlib.PurePosixPath(name.decode()) for name in listing.stdout.split(b"\0") if name]
    return [pathlib.PurePosixPath(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]


def component_of(path):
    matches = [folder for folder in COMPONENTS if str(path).startswith(folder + "/")]
    return max(matches, key=len, default=None)


def owner_of_include(root, source, name):
    """The component whose include root, or whose folder, holds the header; None for the system's."""
    beside = source.parent / name
    if (root / beside).is_file():
        return component_of(beside)
    for folder, component in COMPONENTS.items():
        for include_root in component["roots"]:
            if (root / include_root / name).is_file():
                return component_of(pathlib.PurePosixPath(include_root) / name) or folder
    return None


def check_includes(root, path, text, problems):
    component = component_of(path)
    if component is None:
        return
    # A folder inside a component has its rights, too.
    rules = COMPONENTS[component]
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if include is None:
            continue
        name = include.group(1)
        owner = owner_of_include(root, path, name)
        if owner is not None:
            if owner != component and owner not in rules["uses"] and not owner.startswith(component + "/"):
                problems.append(f"{path}:{number}: {component} must not include {name}, which belongs to {owner}")
            continue
        outside = next((prefix for prefix in OUTSIDE if name.startswith(prefix)), None)
        allowed = rules["outside"] + EXCEPTIONS.get(str(path), [])
        if outside is not None and not any(name.startswith(prefix) for prefix in allowed):
            problems.append(f"{path}:{number}: {component} must not include {name}")
        if component == "samples" and name.startswith("csp/"):
            problems.append(f"{path}:{number}: {name} is no public header")


def check_built(root, paths, problems):
    """Every source of ours is named in a CMakeLists.txt at or above it."""
    lists = {str(path.parent): (root / path).read_text() for path in paths if path.name == "CMakeLists.txt"}
    for path in paths:
        if path.suffix != ".cpp" or str(path).startswith(("tests/", "samples/")):
            continue
        folders = [str(folder) for folder in path.parents]
        if not any(path.name in lists.get(folder, "") for folder in folders):
            problems.append(f"{path}: no CMakeLists.txt builds it")


def main():
    root = pathlib.Path(sys.argv[1])
    # tests/samples/tree is input of the word index, not source.
    paths = [path for path in tracked(root) if (root / path).is_file() and not str(path).startswith("tests/samples/tree/")]
    problems = []
    top = {path.parts[0] for path in paths if len(path.parts) > 1}
    for folder in sorted(top - {"runtime", "detector", "clang-plugin", "cli", "tests", "samples", ".ci"}):
        problems.append(f"{folder}/: no such top-level folder is planned")
    for path in paths:
        if path.suffix not in (".h", ".cpp", ".c", ".inc", ".py", ".md", ".txt", ".sh", ".cmake", ".json", ".in"):
            continue
        text = (root / path).read_text(errors="replace")
        if path.suffix in (".h", ".cpp", ".inc"):
            check_includes(root, path, text, problems)
            if not FILE_NAME.match(path.name.replace("-", "_")):
                problems.append(f"{path}: file names are snake_case")
        if path.suffix == ".h" and "#pragma once" not in text:
            problems.append(f"{path}: a header begins with #pragma once")
        if path.name != "tidy.py":
            for number, line in enumerate(text.splitlines(), 1):
                leftover = LEFTOVERS.search(line)
                if leftover:
                    problems.append(f"{path}:{number}: leftover {leftover.group(0)!r}")
    check_built(root, paths, problems)
    print("\n".join(problems) or f"{len(paths)} files, all in order")
    sys.exit(1 if problems else 0)


main()
