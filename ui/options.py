"""What the commands share: the options that name articles and models, and how they are opened."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexMissingError

if TYPE_CHECKING:
    from qa.chatbot import Chatbot

DONE, USER_ERROR, INTERRUPTED = 0, 1, 130  # exit codes; wrong usage is 2, by argparse


def source_options() -> argparse.ArgumentParser:
    """The options that every command which opens articles has."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("articles and models")
    where = group.add_mutually_exclusive_group()
    where.add_argument("--articles", type=Path, metavar="DIR", help="folder of articles (default: ./seeds)")
    where.add_argument("--index", type=Path, metavar="DIR", help="a saved index instead")
    group.add_argument("--only", nargs="+", metavar="ID", help="ask these articles only")
    group.add_argument(
        "--llm",
        metavar="NAME|PATH|URL",
        help="language model: a name (citewell models list), a GGUF file, or a server (http://HOST:PORT/v1)",
    )
    group.add_argument(
        "--embedder", metavar="NAME|PATH", help="embedding model: a name or sentence-transformers folder"
    )
    group.add_argument("--store", metavar="URL|FILE.db", help="a Milvus store that the index was pushed to searches it")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings, as TOML")
    return parser


def open_chatbot(args: argparse.Namespace, folder: Path | None = None) -> Chatbot:
    """Open what the options name.

    Args:
        args: Parsed options of `source_options`.
        folder: Articles to open instead of what the options name.

    Returns:
        The chatbot.

    Raises:
        CitewellError: Something it needs cannot be opened.
    """
    from qa.chatbot import Chatbot  # noqa: PLC0415 - numpy and SQLite, which --help does not need
    from qa.settings import Settings  # noqa: PLC0415

    settings = Settings.from_toml(args.config) if args.config else Settings()
    path = folder or saved_index(args) or articles_folder(args)
    return Chatbot.open(path, llm=args.llm, embedder=args.embedder, store=args.store, settings=settings, report=say)


def saved_index(args: argparse.Namespace) -> Path | None:
    """The index that --index names, None without it.

    Args:
        args: Parsed options of `source_options`.

    Returns:
        The index folder.

    Raises:
        IndexMissingError: There is no index in that folder.
    """
    if args.index is None:
        return None
    from index.place import is_index  # noqa: PLC0415

    if not is_index(args.index):
        raise IndexMissingError(f"{args.index}: no index there; build one with: citewell index build --index DIR")
    return Path(args.index)


def articles_folder(args: argparse.Namespace) -> Path:
    """The folder of articles that is meant: --articles, else ./seeds.

    Args:
        args: Parsed options, with `articles` among them.

    Returns:
        The folder; that it holds articles is not checked yet.

    Raises:
        IndexMissingError: Neither is there.
    """
    if args.articles is not None:
        return Path(args.articles)
    seeds = Path("seeds")
    if not seeds.is_dir():
        raise IndexMissingError("no articles named, and no folder ./seeds here; use --articles DIR or --index DIR")
    return seeds


def say(line: str) -> None:
    """One line for the user, on stderr, so that stdout holds answers alone."""
    print(line, file=sys.stderr, flush=True)
