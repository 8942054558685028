"""Fail when a function or a file outgrows what a reader can hold (tables.py and migrations are exempt by name)."""

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES, TEST_FILE_LINES = 400, 500
FUNCTION_LINES, TEST_FUNCTION_LINES = 50, 40
CLASS_METHODS = 15


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    exempt = ("migrations/versions/",)
    names = [name for name in listed.stdout.split() if not name.startswith(exempt)]
    return [Path(name) for name in names if Path(name).name != "tables.py" and Path(name).exists()]


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    skipped = (first.end_lineno or first.lineno) - first.lineno + 1 if docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - skipped


def complaints(path: Path) -> list[str]:
    text = path.read_text()
    is_test = path.parts[0] == "tests"
    found: list[str] = []
    if (lines := text.count("\n")) > (limit := TEST_FILE_LINES if is_test else FILE_LINES):
        found.append(f"{path}: {lines} lines, at most {limit}")
    limit = TEST_FUNCTION_LINES if is_test else FUNCTION_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) > limit:
            found.append(f"{path}:{node.lineno}: {node.name} has {function_lines(node)} lines, at most {limit}")
        if isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
            if len(methods) > CLASS_METHODS:
                found.append(f"{path}:{node.lineno}: {node.name} has {len(methods)} methods")
    return found


if __name__ == "__main__":
    problems = [line for path in sources() for line in complaints(path)]
    sys.exit("\n".join(problems) or 0)
