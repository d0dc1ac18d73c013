"""Refuses files and functions that have outgrown their room: 300 lines a file, 40 a function's body."""

import ast
import subprocess
import sys
from pathlib import Path

MOST_FILE, MOST_FUNCTION = 300, 40


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's length without its signature and its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0


def main() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], check=True, capture_output=True, text=True
    )
    complaints = []
    for path in map(Path, listed.stdout.split()):
        if "migrations/versions" in str(path) or not path.exists():
            continue
        text = path.read_text()
        if (n := len(text.splitlines())) > MOST_FILE:
            complaints.append(f"{path}: {n} lines, {MOST_FILE} are allowed")
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and (n := lines_of(node)) > MOST_FUNCTION
            ):
                complaints.append(f"{path}:{node.lineno} {node.name}: {n} lines, {MOST_FUNCTION} are allowed")
    print("\n".join(complaints), end="\n" if complaints else "")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
