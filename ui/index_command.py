"""`citewell index …`: make an index, keep it in step, look into it, mend it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import CitewellError, SettingsError
from ui.options import articles_folder, say

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from qa.library import Library


def add_arguments(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its subcommands.

    Args:
        commands: The program's commands.
    """
    parser = commands.add_parser("index", help="build, change and look into an index")
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def action(
        name: str,
        run: Callable[[argparse.Namespace], int],
        help_: str,
        *,
        articles: str | None = "folder of articles (default: ./seeds)",
        index: str = "index folder (default: in the user's cache)",
    ) -> argparse.ArgumentParser:
        """Add one that may be told of articles to read, where it has a use for them, and of an index to keep."""
        made = actions.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
        if articles:
            made.add_argument("--articles", type=Path, metavar="DIR", help=articles)
        made.add_argument("--index", type=Path, metavar="DIR", help=index)
        made.add_argument("--embedder", metavar="NAME|PATH", help="embedding model")
        made.set_defaults(run=run)
        return made

    saved = "index folder (has to be named)"
    followed = "folder of articles (default: ./seeds; with --index it has to be named)"

    action("build", _build, "index a folder from nothing; an index that is there serves until the new one is done")
    add = action(
        "add", _add, "add articles to a saved index, or replace those of the same ids", articles=None, index=saved
    )
    add.add_argument("sources", nargs="+", metavar="FILE|URL", help="files, folders, patterns, web pages, feeds")
    add.add_argument("--allow-private", action="store_true", help="also URLs of this machine and of private networks")
    remove = action("remove", _remove, "remove articles from a saved index", articles=None, index=saved)
    remove.add_argument("ids", nargs="+", metavar="ID")
    action("update", _update, "bring the index of a folder in step with it", articles=followed)
    action("list", _list, "the articles, with their sentences counted")
    show = action("show", _show, "an article's numbered sentences, and what was left out and why")
    show.add_argument("id", metavar="ARTICLE")
    action("check", _check, "whether the index is whole and every citation would be exact")
    action("repair", _repair, "make an index whole again from the texts in it, or fit for another embedder")
    export = action("export", _export, "articles, metadata and sentences as JSON lines, which 'index add' reads")
    export.add_argument("--out", type=Path, metavar="FILE", help="where to (default: stdout)")
    push = action("push", _push, "bring a Milvus store in step with the index, to search there with --store")
    push.add_argument("--store", required=True, metavar="URL|FILE.db", help="server or file, #COLLECTION after it")
    push.add_argument("--replace", action="store_true", help="make the collection anew, whatever index it was of")
    watch = action("watch", _watch, "keep the index in step with a folder until Ctrl-C", articles=followed)
    watch.add_argument("--every", type=_seconds, default=2.0, metavar="SECONDS", help="how often to look (default: 2)")


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
    print(library.add(args.sources, allow_private=args.allow_private))
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
    for name in ("title", "publisher", "author", "date", "url", "language"):
        if value := getattr(article, name):
            print(f"{name}: {value}")
    print()
    page = None
    for sentence in split.sentences:
        if sentence.page != page:
            page = sentence.page
            print(f"[page {page}]")
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


def _repair(args: argparse.Namespace) -> int:
    from index.place import cached_place  # noqa: PLC0415 - not for --help
    from index.repair import DAMAGED  # noqa: PLC0415
    from qa.library import Library  # noqa: PLC0415

    place = args.index or cached_place(articles_folder(args))
    done = Library.repair(place, embedder=args.embedder, report=say)
    for article_id in done.embedded:
        print(f"made anew: {article_id}")
    for line in done.lost:
        print(f"lost: {line}")
    print(f"{place}: {done}")
    if done.lost:
        say(f"the damaged file is kept as {place / DAMAGED}; add lost articles again from where they came")
    return 1 if done.lost else 0


def _export(args: argparse.Namespace) -> int:
    from index.export import export_articles, export_line  # noqa: PLC0415 - not for --help

    contents = _open(args).contents()
    if args.out is None:
        for article, split in contents:
            print(export_line(article, split))
    else:
        say(f"{export_articles(contents, args.out)} articles in {args.out}")
    return 0


def _push(args: argparse.Namespace) -> int:
    from tqdm import tqdm  # noqa: PLC0415 - not for --help

    library = _open(args)
    with tqdm(desc="pushed", unit="article", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        pushed = library.push(args.store, replace=args.replace, progress=progress)
    print(pushed)
    return 0


def _watch(args: argparse.Namespace) -> int:
    from index.watch import watch_folder  # noqa: PLC0415 - not for --help

    if args.index is not None and args.articles is None:
        raise SettingsError("say which folder the index follows: --articles DIR; articles not in it are removed")
    folder = articles_folder(args)
    library = _open(args, create=True)
    say(f"watching {folder} (Ctrl-C stops it)")
    for _ in watch_folder(folder, every_s=args.every):
        try:
            if update := library.update(folder):
                print(update, flush=True)
        except CitewellError as error:  # a folder that is away or empty for a while; the index stays as it was
            say(str(error))
    return 0


def _seconds(text: str) -> float:
    """A positive number of seconds; ValueError, which argparse tells, for anything else."""
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _wants_index(args: argparse.Namespace) -> None:
    if args.index is None:
        raise SettingsError("name the saved index with --index DIR; the one kept for a folder follows it by itself")
