"""Memory: what a search looks at, made of everything an index holds."""

from __future__ import annotations

from dataclasses import dataclass

from index.article import Passage, Sentence
from index.lexical import LexicalIndex
from index.load import plain_text
from index.passages import window_passages
from index.retrieve import Retriever
from index.sentences import Split
from index.store import Contents
from index.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class Memory:
    """Articles, sentences, passages and the tables over them, all of one moment."""

    contents: Contents
    splits: dict[str, Split]
    sentences: tuple[Sentence, ...]  # one per row
    rows: dict[tuple[str, int], int]  # a sentence's key -> its row
    passages: tuple[Passage, ...]  # one per row
    retriever: Retriever


def load_memory(contents: Contents) -> Memory:
    """Make what is searched: FAISS rows and BM25 tables."""
    sentences = tuple(s for split in contents.splits for s in split.kept)
    passages = tuple(p for split in contents.splits for p in window_passages(split.kept))
    rows = {s.key: row for row, s in enumerate(sentences)}
    windows = [(rows[p.sentences[0].key], rows[p.sentences[-1].key] + 1) for p in passages]
    own_words, around_words = LexicalIndex.with_windows([plain_text(s.text) for s in sentences], windows)
    return Memory(
        contents=contents,
        splits={article.id: split for article, split in zip(contents.articles, contents.splits, strict=True)},
        sentences=sentences,
        rows=rows,
        passages=passages,
        retriever=Retriever(
            own_vectors=VectorIndex(contents.own),
            around_vectors=VectorIndex(contents.around),
            own_words=own_words,
            around_words=around_words,
        ),
    )
