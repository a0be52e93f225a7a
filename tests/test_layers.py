"""Imports point one way, ui -> qa -> index, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for package in ("index", "qa", "ui") for path in (ROOT / package).rglob("*.py"))
UPPER = {"index": {"qa", "ui"}, "qa": {"ui"}, "ui": set()}
HEAVY = {
    "pymilvus",
    "milvus_lite",
    "grpc",
    "torch",
    "llama_cpp",
    "gradio",
    "sentence_transformers",
    "transformers",
    "faiss",
    "bm25s",
    "spellchecker",
    "tests",
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level names of everything a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield str(node.module).split(".")[0]


def at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a module is imported: not those in functions or under TYPE_CHECKING."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.ClassDef | ast.If | ast.Try | ast.With):
            yield from at_import(node.body)
            yield from at_import(getattr(node, "orelse", []))
            continue
        yield node


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    wrong = UPPER[package] & set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    assert not wrong, f"{name(path)} imports {wrong}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_heavy_imports_wait(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    early = HEAVY & {top for statement in at_import(tree.body) for top in imported(statement)}
    assert not early, f"{name(path)} imports {early} at its top"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_stay_readable(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 300
    functions = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.FunctionDef)]
    for node in functions:
        doc = ast.get_docstring(node, clean=False)
        length = node.end_lineno - node.lineno + 1 - (len(doc.splitlines()) if doc else 0)  # type: ignore[operator]
        assert length < 60, f"{name(path)}: {node.name} has {length} lines"


@pytest.mark.slow
def test_help_loads_nothing_heavy() -> None:
    code = f"import sys, ui.cli, qa; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
