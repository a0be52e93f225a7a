"""MilvusStore: an index whose passages a Milvus server searches, by vectors and by words."""

from __future__ import annotations

import re
import weakref
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing
from itertools import chain

import numpy as np

from index.article import Sentence
from index.errors import IndexStaleError, StoreError
from index.lexical import beginnings, stems_of
from index.load import plain_text
from index.milvus.collections import (
    MOST,
    VECTORS,
    VIEWS,
    WHOLE,
    Collections,
    View,
    among,
    mark_of,
    signed,
)
from index.milvus.place import Place
from index.milvus.push import misfit
from index.reprints import take_prints
from index.retrieve import NONE, POOL, Floats, Matches, shares
from index.sentences import Split
from index.spelling import respelled
from index.store import ArticleStore
from index.texts import Texts

Found = dict[str, float]  # key on the server -> score
_COUNTED = 100  # sentences read to tell which words there are


class MilvusStore:
    """The passages of an index on a server. May be shared by threads."""

    def __init__(self, texts: Texts, collections: Collections) -> None:
        """Take collections that are in step with the texts; use `open_milvus`."""
        self.texts = texts
        self._collections = collections
        weakref.finalize(self, collections.close)  # other threads may still be searching when it is let go
        self._numbers = {mark_of(*pair): number for number, pair in enumerate(texts.hashes.items())}

    def match(self, question: str, vector: Floats, *, k: int, only: Collection[str] | None) -> Matches:
        """As `PassageStore.match`; IndexStaleError where the collection has been changed since it was opened."""
        marks = None if only is None else self._marks(only)
        if not self._numbers or marks == []:
            return NONE
        where = "" if marks is None else among("article", marks)
        words = " ".join(stems_of([question])[0])
        asked: dict[View, object] = {view: vector if view in VECTORS else words for view in VIEWS}
        size = min(max(POOL, k), MOST)
        found = {view: self._search(view, what, k=size, where=where) for view, what in asked.items()}
        best = {view: max(scores.values(), default=0.0) for view, scores in found.items()}
        pool = sorted(set().union(*found.values()))
        for view, scores in found.items():
            if only is not None and view not in VECTORS:  # a share is one of the best score of all articles
                best[view] = max(self._search(view, asked[view], k=1, where="").values(), default=0.0)
            missing = [key for key in pool if key not in scores]
            if missing and (view in VECTORS or len(scores) == size):
                scores |= self._search(view, asked[view], k=len(missing), where=among("key", missing))
        # what has no cosine has been removed from the collection meanwhile
        there = found["own_vector"].keys() & found["around_vector"].keys()
        return self._matches([key for key in pool if key in there], found, best)

    def respelled(self, question: str) -> str:
        """As `PassageStore.respelled`."""
        return respelled(question, self._frequencies)

    def knows(self, name: str) -> bool:
        """As `PassageStore.knows`."""
        return all(self._has(start) for start in beginnings(name))

    def same_prints(self, sentence: Sentence) -> list[Sentence]:
        """As `PassageStore.same_prints`."""
        mark = take_prints(Split((sentence,), {})).sentences[0]
        if not mark:
            return []
        keys = self._collections.keys(f"same == {signed(mark)}", k=MOST)
        return [self.texts.sentence(article, number) for article, number in sorted(map(self._place_of, keys))]

    def _frequencies(self, stems: Sequence[str]) -> list[int]:
        """How many sentences have each word, among the best hundred for all of them."""
        found = self._search("own_bm25", " ".join(stems), k=_COUNTED, where="") if self._numbers else {}
        texts = [plain_text(self.texts.sentence(*self._place_of(key)).text) for key in found]
        counts = Counter(chain.from_iterable(map(set, stems_of(texts)))) if texts else Counter[str]()
        return [counts[stem] for stem in stems]

    def _has(self, start: str) -> bool:
        """Whether some sentence has a word that begins so."""
        if not re.fullmatch(r"\w*", start):  # no word has anything else, and nothing else gets into an expression
            return False
        pattern = start.replace("_", "\\\\_")  # alone it stands for any character; the backslash is escaped itself
        return bool(self._collections.keys(f'own_words like "% {pattern}%"', k=1))

    def _search(self, view: View, what: object, *, k: int, where: str) -> Found:
        return self._collections.search(view, what, k=k, where=where) if isinstance(what, np.ndarray) or what else {}

    def _marks(self, article_ids: Collection[str]) -> list[str]:
        hashes = self.texts.hashes
        return [mark_of(i, hashes[i]) for i in hashes.keys() & article_ids]

    def _matches(self, keys: list[str], found: dict[View, Found], best: dict[View, float]) -> Matches:
        places = np.array([self._place_of(key) for key in keys], dtype=np.int64).reshape(len(keys), 2)
        own, around, own_words, around_words = (
            np.array([found[view].get(key, 0.0) for key in keys], dtype=np.float32) for view in VIEWS
        )
        return Matches(
            places[:, 0],
            places[:, 1],
            own,
            around,
            shares(own_words, best=best["own_bm25"]),
            shares(around_words, best=best["around_bm25"]),
        )

    def _place_of(self, key: str) -> tuple[int, int]:
        """Numbers of the article and of the sentence."""
        mark, _, number = key.rpartition("-")
        if mark not in self._numbers:
            problem = "the collection has been changed, and is not of the index as it was opened; open it again"
            raise IndexStaleError(str(self._collections.place), problem)
        return self._numbers[mark], int(number)


def open_milvus(store: ArticleStore, place: Place) -> MilvusStore:
    """Open an index whose passages are searched by a server; vectors and words are not read here.

    Args:
        store: The index.
        place: Where it has been pushed to.

    Returns:
        What is searched.

    Raises:
        StoreError: The server cannot be reached, or has no such index.
        IndexStaleError: The collection there is of another index, or behind this one.
    """
    contents = store.read(held=frozenset(store.hashes().items()))
    wanted = {mark_of(*pair) for pair in contents.hashes.items()}
    push = f"citewell index push --index {store.folder} --store {place}"
    with ExitStack() as undo:
        collections = undo.enter_context(closing(Collections(place)))
        about = collections.about()
        if about is None:
            raise StoreError(f"{place}: no index has been pushed there; do so with: {push}")
        if problem := misfit(about, store.manifest):
            raise IndexStaleError(str(place), problem, f"push it anew with: {push} --replace")
        states = collections.states()
        if states and wanted.isdisjoint(states):
            raise StoreError(f"{place}: the collection is of another index; name the one that is meant after #")
        behind = sum(states.get(mark) != WHOLE for mark in wanted)
        if behind or not wanted.issuperset(states):
            problem = f"the collection is not in step with the index: {behind} of its articles are not there"
            problem += f", {len(states.keys() - wanted)} are there that it does not have"
            raise IndexStaleError(str(place), problem, f"bring it up to date with: {push}")
        undo.pop_all()
    return MilvusStore(Texts(contents.articles, contents.hashes, store.split), collections)
