"""Laws of the three packages: sizes, docstrings, one home for each library, layers."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import quantiles

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("matching", "marketplace", "webapp")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAX_MODULE, P90_MODULE, MAX_FUNCTION = 400, 250, 60
ONE_HOME = {
    "faiss": {"matching/indexes/faiss_index.py"},
    "tantivy": {"matching/indexes/lexical.py"},
    "jieba": {"matching/text/segment.py"},
    "huey": {"marketplace/jobs/queue.py"},
    "flask_wtf": {"webapp/sessions.py", "webapp/errors.py"},
    # The build also needs its ONNX export.
    "sentence_transformers": {"matching/encoders/sentence.py", "matching/model/build.py"},
}
DATABASE = {"sqlite3", "sqlite_utils"}
every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Top names of everything a module imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@every_module
def test_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    assert lines(path) <= MAX_MODULE
    assert ast.get_docstring(tree(path))


@every_module
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


def test_nine_modules_in_ten_are_of_a_readable_size() -> None:
    assert quantiles([lines(path) for path in MODULES], n=10)[-1] <= P90_MODULE


@pytest.mark.parametrize("library", ONE_HOME)
def test_library_is_imported_in_its_home_only(library: str) -> None:
    users = {path.relative_to(ROOT).as_posix() for path in MODULES if library in imported(path)}
    assert users == ONE_HOME[library]


def test_sql_lives_in_the_store() -> None:
    users = {path for path in MODULES if imported(path) & DATABASE}
    assert users
    assert [path for path in users if not path.is_relative_to(ROOT / "marketplace" / "store")] == []


def test_no_package_imports_the_tests() -> None:
    assert [path for path in MODULES if imported(path) & {"tests", "conftest", "doubles", "factories"}] == []


def test_no_code_lies_among_the_data() -> None:
    assert [path for path in (ROOT / "data").rglob("*.py")] == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(set(names)) == sorted(names)
    assert "__init__.py" not in names


def test_import_contracts_are_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    found = str(command) if command.is_file() else shutil.which("lint-imports")
    assert found, "import-linter is not installed: make setup installs requirements-dev.txt"
    done = subprocess.run([found, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
