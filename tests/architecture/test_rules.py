"""The rules of the house that neither the linter nor the import contracts can say."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import BEGUN_FIRST

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "adapters", "bootstrap", "api", "jobs", "contracts", "client", "gpu_worker", "failpoints")
EMPTY_NAMES = {"utils", "helpers", "common", "misc", "base", "core", "manager", "service"}
# The masking extension, the HTTP error route, the job runner and the GPU child: where our own bugs are caught.
MAY_CATCH_EVERYTHING = {"api/errors.py", "api/routes/failures.py", "jobs/runner.py", "gpu_worker/child.py"}
MAY_IMPORT_LATE = {"gpu_worker/child.py"}


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text()))


def handles_everything(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
        and not any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(node))
    )


def test_nothing_is_called_utils_or_the_like() -> None:
    found = [
        name_of(path) for path in sources(*PACKAGES) if path.stem in EMPTY_NAMES or path.parent.name in EMPTY_NAMES
    ]
    assert found == []


def test_everything_is_caught_in_four_places_only() -> None:
    found = {name_of(path) for path in sources(*PACKAGES) if any(map(handles_everything, nodes(path)))}
    assert found <= MAY_CATCH_EVERYTHING


def test_imports_stand_at_the_top() -> None:
    late = [
        f"{name_of(path)}:{part.lineno}"
        for path in sources(*PACKAGES)
        if name_of(path) not in MAY_IMPORT_LATE
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in ast.walk(node)
        if isinstance(part, ast.Import | ast.ImportFrom)
    ]
    assert late == []


@pytest.mark.parametrize("banned", ["datetime.now", "uuid4", "os.environ", "random.", "time.time"])
def test_the_domain_reads_no_clock_no_chance_and_no_environment(banned: str) -> None:
    assert [name_of(path) for path in sources("domain") if banned in path.read_text()] == []


def test_tests_neither_patch_nor_sleep() -> None:
    banned = ("unittest.mock", "monkeypatch.setattr", "time.sleep(")
    here = Path(__file__)
    found = [
        name_of(path) for path in sources("tests") if path != here and any(word in path.read_text() for word in banned)
    ]
    assert found == []


def test_the_files_that_begin_first_exist() -> None:
    assert [name for name in BEGUN_FIRST if not (Path(__file__).parents[1] / name).is_file()] == []
