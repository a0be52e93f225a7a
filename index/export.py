"""Articles out of an index, as lines of JSON that any program can read, and `citewell index add` too."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from index.article import Article
from index.errors import IndexWriteError
from index.sentences import Split


def export_line(article: Article, split: Split) -> str:
    """Write an article as one line of JSON.

    Args:
        article: The article.
        split: Its sentences.

    Returns:
        An object of the article's fields, without those it does not state, and `sentences`: number, start and end in
        `text` (as Python counts characters), and why it is left out, if it is.
    """
    stated = {name: value for name, value in asdict(article).items() if value is not None}
    sentences = [
        {"number": s.number, "start": s.start, "end": s.end}
        | ({"left_out": split.left_out[s.number]} if s.number in split.left_out else {})
        for s in split.sentences
    ]
    return json.dumps({**stated, "sentences": sentences}, ensure_ascii=False)


def export_articles(articles: Iterable[tuple[Article, Split]], path: Path) -> int:
    """Write articles to a file, which is there whole or not at all.

    Args:
        articles: With their sentences.
        path: Replaced if it is there.

    Returns:
        How many.

    Raises:
        IndexWriteError: The file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for count, (article, split) in enumerate(articles, 1):  # noqa: B007 - the last one counts
                file.write(export_line(article, split) + "\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise IndexWriteError(f"{path}: cannot be written ({error.strerror}); check the place and the disk") from error
    return count
