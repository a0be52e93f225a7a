"""`citewell index …`: make an index, keep it in step, look into it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import SettingsError
from ui.options import articles_folder, say

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from qa.library import Library


def add_arguments(commands: _SubParsersAction[argparse.ArgumentParser], sources: argparse.ArgumentParser) -> None:
    """Add the command and its subcommands.

    Args:
        commands: The program's commands.
        sources: The options that name articles and models.
    """
    parser = commands.add_parser("index", help="build, change and look into an index")
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run, help_ in (
        ("build", _build, "index a folder from nothing (--articles DIR; --index DIR says where to keep it)"),
        ("update", _update, "bring the index of a folder in step with it"),
        ("list", _list, "the articles, with their sentences counted"),
        ("check", _check, "whether the index is whole and every citation would be exact"),
    ):
        _sources(actions.add_parser(name, help=help_)).set_defaults(run=run)
    add = _sources(actions.add_parser("add", help="add article files to a saved index"))
    add.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add.set_defaults(run=_add)
    remove = _sources(actions.add_parser("remove", help="remove articles from a saved index"))
    remove.add_argument("ids", nargs="+", metavar="ID")
    remove.set_defaults(run=_remove)
    show = _sources(actions.add_parser("show", help="an article's numbered sentences, and what was left out and why"))
    show.add_argument("id", metavar="ARTICLE")
    show.set_defaults(run=_show)


def _sources(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Both places may be named here: articles to read, and an index to keep them in."""
    parser.add_argument("--articles", type=Path, metavar="DIR", help="folder of articles (default: ./seeds)")
    parser.add_argument("--index", type=Path, metavar="DIR", help="index folder (default: in the user's cache)")
    parser.add_argument("--embedder", metavar="NAME|PATH", help="embedding model")
    return parser


def _open(args: argparse.Namespace, *, create: bool = False) -> Library:
    from qa.library import Library  # noqa: PLC0415 - not for --help

    if args.index is not None:
        return Library.open(args.index, embedder=args.embedder, create=create, report=say)
    return Library.of_folder(articles_folder(args), embedder=args.embedder, report=say)


def _build(args: argparse.Namespace) -> int:
    from qa.library import Library  # noqa: PLC0415 - not for --help

    library = Library.build(articles_folder(args), index=args.index, embedder=args.embedder, report=say)
    say(str(library.latest))
    print(library.folder)
    return 0


def _update(args: argparse.Namespace) -> int:
    if args.index is not None and args.articles is None:
        raise SettingsError("say which folder the index follows: --articles DIR; articles not in it are removed")
    library = _open(args)  # an index kept for a folder is brought in step by being opened
    if args.index is not None:
        library.update(articles_folder(args))
    print(library.latest)
    return 0


def _add(args: argparse.Namespace) -> int:
    _wants_index(args)
    library = _open(args, create=True)
    print(library.add(args.files))
    return 1 if library.problems else 0


def _remove(args: argparse.Namespace) -> int:
    _wants_index(args)
    library = _open(args)
    missing = library.remove(args.ids)
    if missing:
        raise SettingsError(f"no article {missing[0]!r} in the index; see: citewell index list --index {args.index}")
    return 0


def _list(args: argparse.Namespace) -> int:
    for article, split in _open(args).contents():
        stated = ", ".join(part for part in (article.publisher, article.author, article.date) if part)
        left_out = f", {len(split.left_out)} left out" if split.left_out else ""
        print(f"{article.id}  {article.title}" + (f"  ({stated})" if stated else ""))
        print(f"    {len(split.kept)} sentences{left_out}")
    return 0


def _show(args: argparse.Namespace) -> int:
    contents = {article.id: (article, split) for article, split in _open(args).contents()}
    if args.id not in contents:
        raise SettingsError(f"no article {args.id!r}; there are: {', '.join(list(contents)[:20])}")
    article, split = contents[args.id]
    for name in ("title", "publisher", "author", "date", "url"):
        if value := getattr(article, name):
            print(f"{name}: {value}")
    print()
    for sentence in split.sentences:
        reason = split.left_out.get(sentence.number)
        print(f"{sentence.number:>4} " + (f"[left out: {reason}] " if reason else "") + " ".join(sentence.text.split()))
    return 0


def _check(args: argparse.Namespace) -> int:
    library = _open(args)
    faults = library.check()
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{library.folder}: whole")
    return 1 if faults else 0


def _wants_index(args: argparse.Namespace) -> None:
    if args.index is None:
        raise SettingsError("name the saved index with --index DIR; the one kept for a folder follows it by itself")
