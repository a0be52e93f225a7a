"""Push: bring the collections on a Milvus server in step with an index. Nothing is embedded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from index.errors import IndexStaleError, StoreError
from index.lexical import stems_of
from index.load import plain_text
from index.milvus.collections import AFRESH, TEXT_BYTES, WHOLE, Collections, Row, key_of, mark_of, runs, signed
from index.milvus.place import Place
from index.passages import window_passages
from index.records import Manifest
from index.store import ArticleStore, Contents

_READ_AT_ONCE = 100  # articles


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push came to: numbers of articles."""

    added: int
    removed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def __str__(self) -> str:
        counts = ((self.added, "pushed"), (self.removed, "removed"))
        return ", ".join(f"{count} articles {verb}" for count, verb in counts if count) or "nothing to push"


def push(
    store: ArticleStore,
    place: Place,
    *,
    replace: bool = False,
    known: bool = False,
    progress: Callable[[int, int], None] | None = None,
    report: Callable[[str], None] | None = None,
) -> Pushed:
    """Make a server hold what an index holds. What it holds already is passed over, so a push may be broken off.

    Args:
        store: The index.
        place: Which collection of which server; made if it is not there.
        replace: Make the collection anew, whatever index it was of.
        known: The collection is known to be of this index, so that even none of its articles may be left.
        progress: Called with the number of articles that are there, and of all.
        report: Takes a line for the user.

    Returns:
        What was sent and what was removed.

    Raises:
        StoreError: The server cannot be reached, refuses, or holds another index.
        IndexStaleError: The collection was made with another embedder or splitter.
        IndexDamagedError: The index is damaged.
    """
    with store.writing(report), closing(Collections(place)) as collections:
        manifest = store.manifest
        wanted = {mark_of(*pair): pair[0] for pair in store.hashes().items()}
        about = _about(collections, replace=replace)
        if about is None:
            collections.make(manifest, rows=store.count_sentences())
        elif problem := misfit(about, manifest):
            raise IndexStaleError(str(place), problem, AFRESH)
        states = collections.states()
        there = {mark for mark, state in states.items() if state == WHOLE} & wanted.keys()
        if states and wanted.keys().isdisjoint(states) and not known:
            problem = "the collection holds other articles, and none of this index"
            raise StoreError(f"{place}: {problem}; name another after #, or put this index in its place with --replace")
        gone = states.keys() - there
        collections.remove(gone)
        missing = [mark for mark in wanted if mark not in there]
        done = len(there)
        for marks in runs(missing, _READ_AT_ONCE):
            _send(collections, store.read(only=[wanted[mark] for mark in marks]))
            done += len(marks)
            if progress is not None:
                progress(done, len(wanted))
        if missing or gone:
            if place.host is None or not known:  # servers let it be asked for a few times a minute only
                collections.settle()
            if place.host is None and there and report is not None:
                report("note: Milvus Lite weighs the words of each push by themselves; --replace weighs all together")
        return Pushed(len(missing), len(gone - wanted.keys()))


def misfit(there: Manifest, wanted: Manifest) -> str | None:
    """Why a collection cannot be of an index: what it was made with and what the index was, or None."""
    if there.made_with == wanted.made_with:
        return None
    return (
        f"the collection was made with {there.embedder} ({there.made_with}), "
        f"the index with {wanted.embedder} ({wanted.made_with})"
    )


def _about(collections: Collections, *, replace: bool) -> Manifest | None:
    """What the collection there was made with; None if one is to be made."""
    try:
        about = collections.about()
    except IndexStaleError:  # of another version
        if not replace:
            raise
        return None
    return None if replace else about


def _send(collections: Collections, contents: Contents) -> None:
    """Send the passages of some articles that are not there."""
    row = 0
    rows: list[Row] = []
    marks = []
    for article_id, split in contents.splits.items():
        mark = mark_of(article_id, contents.hashes[article_id])
        marks.append(mark)
        kept = split.kept
        stems = stems_of([plain_text(sentence.text) for sentence in kept]) if kept else []
        places = {sentence.number: place for place, sentence in enumerate(kept)}
        for place, (sentence, passage) in enumerate(zip(kept, window_passages(kept), strict=True)):
            first, last = (places[passage.sentences[end].number] for end in (0, -1))
            around = [stem for some in stems[first : last + 1] for stem in some]
            rows.append(
                {
                    "key": key_of(mark, sentence.number),
                    "article": mark,
                    "same": signed(contents.same[row]),
                    "own_vector": contents.own[row],
                    "own_words": _words(stems[place]),
                    "around_vector": contents.around[row],
                    "around_words": _words(around),
                }
            )
            row += 1
    collections.put(marks, rows)


def _words(stems: list[str]) -> str:
    """Words as one text, a blank before each, by which a search finds how they begin; cut where it gets too long."""
    text = "".join(f" {stem}" for stem in stems)
    if len(text.encode()) > TEXT_BYTES:
        text = text.encode()[:TEXT_BYTES].decode(errors="ignore").rpartition(" ")[0]
    return text or " a"  # BM25 of nothing is refused by some servers; no question has a word of one letter
