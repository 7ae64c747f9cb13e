#!/usr/bin/env python3
"""Writes the files of a new check and registers it: new_check.py NAME "SUMMARY" (NAME as in send_on_closed)."""

import pathlib
import re
import sys

HEADER = """#pragma once

#include "check.h"

namespace csp::lint {{

/// {rule}: {summary} ({name}.md).
class {type}Check : public Check {{
 public:
  std::string_view name() const override {{ return "{rule}"; }}
  std::string_view summary() const override {{ return "{summary}"; }}
  std::vector<Finding> run(Program& program) const override;
}};

}}  // namespace csp::lint
"""

SOURCE = """#include "checks/{name}.h"

namespace csp::lint {{

std::vector<Finding> {type}Check::run(Program& program) const {{
  std::vector<Finding> findings;
  for (const clang::FunctionDecl* function : program.functions()) {{
    const FunctionFacts* facts = program.facts(function);
    if (facts == nullptr) continue;
  }}
  return findings;
}}

}}  // namespace csp::lint
"""

PAGE = """# {rule}

WRONG
```cpp
```
RIGHT
```cpp
```

Finds {summary}.
"""

TEST = """// {rule}: what is reported, on the line where it is; below, what is correct and stays silent.
#include <csp/csp.h>

// ---- Reported

// ---- Silent
"""


def insert_sorted(text, pattern, line):
    """Adds `line` to the block of lines that match `pattern`, in order."""
    lines = text.splitlines(keepends=True)
    block = [i for i, other in enumerate(lines) if re.search(pattern, other)]
    at = next((i for i in block if lines[i] > line), block[-1] + 1)
    return "".join(lines[:at] + [line] + lines[at:])


def main():
    if len(sys.argv) != 3 or not re.fullmatch(r"[a-z][a-z0-9_]*", sys.argv[1]):
        sys.exit(__doc__)
    name, summary = sys.argv[1:]
    names = {
        "name": name,
        "summary": summary,
        "rule": "csp-" + name.replace("_", "-"),
        "type": "".join(word.capitalize() for word in name.split("_")),
    }
    plugin = pathlib.Path(__file__).resolve().parent.parent
    tests = plugin.parent / "tests" / "plugin"

    files = {
        plugin / "checks" / f"{name}.h": HEADER,
        plugin / "checks" / f"{name}.cpp": SOURCE,
        plugin / "checks" / f"{name}.md": PAGE,
        tests / f"{name}.cpp": TEST,
    }
    for path in files:
        if path.exists():
            sys.exit(f"{path} exists")
    for path, template in files.items():
        path.write_text(template.format(**names))

    registry = plugin / "registry.cpp"
    text = insert_sorted(registry.read_text(), r'#include "checks/', f'#include "checks/{name}.h"\n')
    text = text.replace("    return list;", f"    list.push_back(std::make_unique<{names['type']}Check>());\n    return list;")
    registry.write_text(text)

    build = plugin / "CMakeLists.txt"
    build.write_text(insert_sorted(build.read_text(), r"^  checks/\w+\.cpp$", f"  checks/{name}.cpp\n"))
    build = tests / "CMakeLists.txt"
    build.write_text(re.sub(r"foreach\(check (.*?)\)", lambda m: f"foreach(check {' '.join(sorted([*m[1].split(), name]))})",
                            build.read_text(), count=1))


if __name__ == "__main__":
    main()
