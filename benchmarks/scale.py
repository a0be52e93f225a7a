"""Retrieval at scale: an index of many sentences, its vectors like real ones, its words as uneven as real ones.

Vectors are embeddings of real sentences, as many as there are, and more made of them: a point between one and one of
its nearest neighbours, and a difference of two other neighbours on top, without which all would lie too close together.
How near neighbours and strangers are is measured for the real and for the made ones, and both are printed.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks.large_index import word_of
from index.article import Sentence
from index.embed import Embedder
from index.load import make_article
from index.passage_index import PassageIndex
from index.records import Manifest, Stored
from index.reprints import Prints
from index.sentences import Split
from index.store import ArticleStore

Vectors = npt.NDArray[np.float32]
_T = TypeVar("_T")
K = 12  # sentences a question asks for
_PER_ARTICLE = 13
_VOCABULARY = 200_000
_STOP_WORDS = 10  # the commonest words, which are not searched for, are not drawn
_BATCH = 2000  # articles a transaction
_NEIGHBOURS = 8
_NOISE = 0.5  # share of another neighbours' difference; keeps the distances' distribution, see `Likeness`


@dataclass(frozen=True, slots=True)
class Likeness:
    """How the vectors lie: medians over held-back questions, and over pairs drawn at random.

    Attributes:
        nearest: Cosine to the nearest sentence, the 10th and the 100th, of as many sentences as there are real ones.
        strangers: Mean and standard deviation of the cosine of two sentences.
    """

    nearest: tuple[float, float, float]
    strangers: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """What was measured; times in seconds, of a process that did nothing else.

    Attributes:
        sentences: Rows of the index.
        real: How many of them have embeddings of real sentences.
        like_real: Distances among the real ones.
        like_made: Distances among as many made ones.
        fill: Writing articles and vectors to the index file; nothing is embedded or split.
        first_open: Making and keeping the tables.
        open: Median of opening three times with the tables kept; the file system has the files in memory.
        open_after_add: The same after one more article.
        resident_mb: Memory of the process after all questions.
        shared_mb: Of this, pages of files, which the system may take back.
        disk_mb: Index file and tables.
        search: Every question's time, from words and vector to sentences.
        search_cpu: The same in processor time, which other processes lengthen less.
        parts: Median time of each ranking.
        exact: Median time to compare one question with all sentences and passages by numpy.
        recall: Share of the 10 nearest rows that the vector search finds, for sentences and passages.
    """

    sentences: int
    real: int
    like_real: Likeness
    like_made: Likeness
    fill: float
    first_open: float
    open: float
    open_after_add: float
    resident_mb: float
    shared_mb: float
    disk_mb: float
    search: tuple[float, ...]
    search_cpu: tuple[float, ...]
    parts: dict[str, float]
    exact: float
    recall: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Given:
    """Stands in for an embedder: questions have the vectors given, so that searching is timed alone."""

    vectors: dict[str, Vectors]
    dim: int
    name: str = "given"
    fingerprint: str = "given"

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        """The vectors given."""
        return np.stack([self.vectors[question] for question in questions])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Any of them, over and over."""
        return np.resize(np.stack([*self.vectors.values()]), (len(texts), self.dim))


def measure_scale(
    count: int, sentences: Sequence[str], questions: Sequence[str], embedder: Embedder, *, say: Callable[[str], None]
) -> Scale:
    """Build an index and search it.

    Args:
        count: How many sentences it holds.
        sentences: Real ones, distinct; at most `count` are used.
        questions: Real ones, on which nothing is trained.
        embedder: The real model.
        say: Takes a line for the user.

    Returns:
        What was measured.
    """
    say(f"embedding {len(sentences[:count]):,} real sentences and {len(questions):,} questions")
    real = embedder.embed_passages(sentences[:count])
    return measure_vectors(count, real, embedder.embed_questions(questions), say=say)


def measure_vectors(count: int, real: Vectors, asked: Vectors, *, say: Callable[[str], None]) -> Scale:
    """As `measure_scale`, from embeddings that are there already."""
    say(f"making {count - len(real):,} vectors like the {len(real):,} real ones")
    own = _more_like(real, count)
    around = own + np.roll(own, 1, axis=0) + np.roll(own, -1, axis=0)
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    with TemporaryDirectory() as place:
        folder = Path(place)
        say("writing the index")
        started = time.perf_counter()
        texts = _fill(folder, own, around)
        fill = time.perf_counter() - started
        wanted = tuple(_nearest(rows, asked, 10) for rows in (own, around))
        alike = min(len(real), count - len(real)) or len(real)
        likeness = [_likeness(rows, asked) for rows in (real[:alike], own[-alike:])]
        exact = _exact_time(own, around, asked[:9])
        del own, around
        say("making tables, opening, searching")
        given = Given(dict(zip(_questions_of(texts, len(asked)), asked, strict=True)), asked.shape[1])
        first_open = _alone(_open, folder, given)
        found = _alone(_search_all, folder, given)
        opening = float(np.median([_alone(_open, folder, given) for _ in range(3)]))
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        new = make_article("new", "One more\n\n" + " ".join(texts[:3]))
        PassageIndex.open(folder, given).update([new], remove_others=False)
        open_after_add = _alone(_open, folder, given)
    recall = tuple(
        float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(got, best, strict=True)]))
        for got, best in zip(found.nearest, wanted, strict=True)
    )
    return Scale(
        sentences=count,
        real=len(real),
        like_real=likeness[0],
        like_made=likeness[1],
        fill=fill,
        first_open=first_open,
        open=opening,
        open_after_add=open_after_add,
        resident_mb=found.memory[0],
        shared_mb=found.memory[1],
        disk_mb=disk,
        search=found.search,
        search_cpu=found.search_cpu,
        parts=found.parts,
        exact=exact,
        recall=(recall[0], recall[1]),
    )


def _exact_time(own: Vectors, around: Vectors, asked: Vectors) -> float:
    return float(np.median([_time(lambda v=v: (own @ v, around @ v)) for v in asked]))


def _more_like(real: Vectors, count: int) -> Vectors:
    """The real vectors, and others like them up to a count."""
    import faiss  # noqa: PLC0415

    rows = np.empty((count, real.shape[1]), dtype=np.float32)
    rows[: len(real)] = real
    flat = faiss.IndexFlatIP(real.shape[1])
    flat.add(real)
    near = flat.search(real, _NEIGHBOURS + 1)[1]
    chance = np.random.default_rng(1)
    for start in range(len(real), count, 50_000):
        size = min(50_000, count - start)
        one, other = (chance.integers(0, len(real), size) for _ in range(2))
        beside, apart = (near[rows_, chance.integers(1, _NEIGHBOURS + 1, size)] for rows_ in (one, other))
        share = chance.uniform(0.2, 0.8, (size, 1)).astype(np.float32)
        made = share * real[one] + (1 - share) * real[beside] + _NOISE * (real[other] - real[apart])
        rows[start : start + size] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return rows


def _likeness(rows: Vectors, asked: Vectors) -> Likeness:
    near = np.sort(rows @ asked.T, axis=0)[::-1]
    chance = np.random.default_rng(2)
    one, other = (rows[chance.integers(0, len(rows), 20_000)] for _ in range(2))
    strangers = (one * other).sum(axis=1)
    median = np.median(near[[0, 9, 99]], axis=1)
    return Likeness(
        (float(median[0]), float(median[1]), float(median[2])), (float(strangers.mean()), float(strangers.std()))
    )


def _nearest(rows: Vectors, asked: Vectors, k: int) -> npt.NDArray[np.int64]:
    """The exact answer, by numpy."""
    best = [np.empty((len(asked), 0), np.int64), np.empty((len(asked), 0), np.float32)]
    for start in range(0, len(rows), 100_000):
        scores = asked @ rows[start : start + 100_000].T
        numbers = np.broadcast_to(np.arange(start, start + scores.shape[1]), scores.shape)
        joined = np.concatenate([best[1], scores], axis=1)
        order = np.argpartition(-joined, k - 1, axis=1)[:, :k]
        best = [np.take_along_axis(a, order, 1) for a in (np.concatenate([best[0], numbers], axis=1), joined)]
    return best[0]


def _fill(folder: Path, own: Vectors, around: Vectors) -> list[str]:
    """Write articles with these vectors; returns their sentences."""
    store = ArticleStore.create(folder, Manifest("given", "given", own.shape[1]))
    made_with = store.manifest.made_with
    texts = _sentences(len(own))
    hashes: dict[str, str] = {}
    for start in range(0, len(own), _BATCH * _PER_ARTICLE):
        found = []
        for first in range(start, min(start + _BATCH * _PER_ARTICLE, len(own)), _PER_ARTICLE):
            rows = slice(first, min(first + _PER_ARTICLE, len(own)))
            article = make_article(f"a{first:09}", " ".join(texts[rows]))
            ends = np.cumsum([len(text) + 1 for text in texts[rows]])
            sentences = tuple(
                Sentence(article, n, int(end) - 1 - len(text), int(end) - 1)
                for n, (end, text) in enumerate(zip(ends, texts[rows], strict=True))
            )
            prints = Prints(np.zeros(len(sentences), np.uint64), np.empty(0, np.uint64))
            found.append((article, Stored(Split(sentences, {}), own[rows], around[rows], prints)))
        store.stage(found, made_with)
    with store.database.reading() as connection:
        hashes = dict(connection.execute("SELECT id, sha256 FROM articles ORDER BY id").fetchall())
    store.publish(hashes, order=list(hashes))
    return texts


def _sentences(count: int) -> list[str]:
    """Sentences of 8 to 18 words drawn by Zipf's law, stop words left out."""
    chance = np.random.default_rng(20231027)
    words = [word_of(number) for number in range(_VOCABULARY)]
    shares = 1 / np.arange(_STOP_WORDS + 1, _STOP_WORDS + _VOCABULARY + 1)
    cumulated = np.cumsum(shares / shares.sum())
    lengths = chance.integers(8, 19, size=count)
    drawn = np.searchsorted(cumulated, chance.random(lengths.sum())).clip(max=_VOCABULARY - 1).tolist()
    firsts = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    return [" ".join([words[i] for i in drawn[first:end]]).capitalize() + "." for first, end in pairwise(firsts)]


def _questions_of(texts: Sequence[str], count: int) -> list[str]:
    """Six words of one sentence each: common words as often as they are common."""
    chance = np.random.default_rng(3)
    picked = chance.choice(len(texts), count, replace=False)
    return [f"{n} {' '.join(chance.choice(texts[i].rstrip('.').lower().split(), 6))}" for n, i in enumerate(picked)]


@dataclass(frozen=True, slots=True)
class _Found:
    search: tuple[float, ...]
    search_cpu: tuple[float, ...]
    parts: dict[str, float]
    nearest: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    memory: tuple[float, float]


def _alone(run: Callable[[Path, Given], _T], folder: Path, given: Given) -> _T:
    """What a function returns in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run, folder, given).result()


def _open(folder: Path, given: Given) -> float:
    import bm25s  # noqa: F401, PLC0415 - importing is not opening
    import faiss  # noqa: F401, PLC0415

    started = time.perf_counter()
    PassageIndex.open(folder, given).load()
    return time.perf_counter() - started


def _search_all(folder: Path, given: Given) -> _Found:
    index = PassageIndex.open(folder, given)
    index.load()
    for question in [*given.vectors][:5]:
        index.search(question, k=K)
    search, search_cpu = [], []
    for question in given.vectors:
        started, started_cpu = time.perf_counter(), time.process_time()
        index.search(question, k=K)
        search.append(time.perf_counter() - started)
        search_cpu.append(time.process_time() - started_cpu)
    pages = [int(n) * 4096 / 1e6 for n in Path("/proc/self/statm").read_text().split()]
    ranks = index._loaded().retriever  # what a search is made of
    parts = {
        "sentence vectors": [_time(lambda v=v: ranks.own_vectors.nearest(v, k=200)) for v in given.vectors.values()],
        "passage vectors": [_time(lambda v=v: ranks.around_vectors.nearest(v, k=200)) for v in given.vectors.values()],
        "sentence words": [_time(lambda q=q: ranks.own_words.scores(q)) for q in given.vectors],
        "passage words": [_time(lambda q=q: ranks.around_words.scores(q)) for q in given.vectors],
    }
    nearest = tuple(
        np.stack([vectors.nearest(v, k=10)[0] for v in given.vectors.values()])
        for vectors in (ranks.own_vectors, ranks.around_vectors)
    )
    medians = {name: float(np.median(times)) for name, times in parts.items()}
    return _Found(tuple(search), tuple(search_cpu), medians, (nearest[0], nearest[1]), (pages[1], pages[2]))


def _time(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
