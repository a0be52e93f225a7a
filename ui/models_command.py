"""`citewell models list|fetch|check`: what models there are, and whether their files are whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from qa.models import ModelStore


def add_arguments(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its subcommands.

    Args:
        commands: The program's commands.
    """
    parser = commands.add_parser("models", help="list, fetch and check models")
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    actions.add_parser("list", help="what models.txt names, and what is on disk").set_defaults(run=_list)
    fetch = actions.add_parser("fetch", help="fetch models that are not there yet; goes on where it was interrupted")
    fetch.add_argument("names", nargs="*", metavar="NAME", help="names or uses; left out, the defaults")
    fetch.set_defaults(run=_fetch)
    check = actions.add_parser("check", help="hash the files of models and compare")
    check.add_argument("names", nargs="*", metavar="NAME", help="names or uses; left out, the defaults")
    check.set_defaults(run=_check)


def _open() -> ModelStore:
    from qa.models import ModelStore  # noqa: PLC0415 - not for --help

    return ModelStore.open()


def _list(_: argparse.Namespace) -> int:
    from qa.models import models_list_rows  # noqa: PLC0415

    rows = models_list_rows(_open())
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _fetch(args: argparse.Namespace) -> int:
    store = _open()
    for model in store.choose(tuple(args.names)):
        print(f"{model.name}: {store.fetch(model)}")
    return 0


def _check(args: argparse.Namespace) -> int:
    store = _open()
    states = [store.check(model) for model in store.choose(tuple(args.names))]
    for state in states:
        print(f"{state.model.name}: {state.status}" + (f" ({state.fault})" if state.fault else ""))
    return 0 if all(state.status == "ready" for state in states) else 1
