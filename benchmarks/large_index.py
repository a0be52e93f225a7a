"""An index of many made-up articles: how long adding one more, opening and searching take."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.article import Article
from index.embed import Embedder
from index.load import make_article
from index.passage_index import PassageIndex
from qa.chatbot import Chatbot
from qa.local import LlamaGenerator
from qa.settings import Settings

_SYLLABLES = ("ba", "co", "di", "fu", "ga", "he", "li", "mo", "na", "pe", "ri", "so", "ta", "ul", "ve", "zo")
_VOCABULARY = 60_000
_ASKED = 50  # questions


@dataclass(frozen=True, slots=True)
class RandomVectors:
    """Stands in for an embedder while the index is filled, and is taken for it: the vectors' values cost no time."""

    like: Embedder

    @property
    def name(self) -> str:
        """The real embedder's name."""
        return self.like.name

    @property
    def dim(self) -> int:
        """The real embedder's dimension."""
        return self.like.dim

    @property
    def fingerprint(self) -> str:
        """The real embedder's fingerprint, so that it can open the index."""
        return self.like.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit rows that depend on the texts' number only."""
        rows = np.random.default_rng(len(texts)).normal(size=(len(texts), self.dim)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    embed_questions = embed_passages


@dataclass(frozen=True, slots=True)
class Times:
    """What was measured, in seconds; `add` is all that one `citewell index add` does once the model is loaded."""

    articles: int
    sentences: int
    megabytes: float
    add: float
    embed_alone: float
    open: float
    read_file: float
    search: float
    embed_question: float
    first_quote: float
    reprints: float


def time_large_index(count: int, embedder: Embedder, *, say: Callable[[str], None]) -> Times:
    """Build an index and time what users wait for.

    Args:
        count: How many articles; of 9 to 15 sentences each.
        embedder: The real model; it embeds the article that is added and the question.
        say: Takes a line for the user.

    Returns:
        The times.
    """
    embedder.embed_questions(["ready"])  # loads the weights
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        say(f"building an index of {count:,} articles with random vectors")
        started = time.perf_counter()
        PassageIndex.build(folder, RandomVectors(embedder), make_articles(count), progress=None)
        say(f"built in {time.perf_counter() - started:.0f} s")
        new = make_articles(count + 3)[count:]

        def add(article: Article) -> float:
            return _time(lambda: PassageIndex.open(folder, embedder).update([article], remove_others=False))

        texts = [sentence for sentence in new[0].text.split(". ") for _ in range(2)]
        adding = float(np.median([add(article) for article in new]))
        index = PassageIndex.open(folder, embedder)
        opening = _time(index.load)
        bot = Chatbot(index, _no_model(), settings=Settings())
        asked = [f"What is {' '.join(article.text.split()[3:9])}?" for article in make_articles(_ASKED)]
        next(iter(bot.stream("ready")))
        return Times(
            articles=count + len(new),
            sentences=sum(len(index.split(article.id).kept) for article in index.articles),
            megabytes=(folder / "index.sqlite").stat().st_size / 1e6,
            add=adding,
            embed_alone=_time(lambda: embedder.embed_passages(texts)),
            open=opening,
            read_file=_time((folder / "index.sqlite").read_bytes),
            search=float(np.median([_time(lambda: index.search("ba coco difu", k=12)) for _ in range(9)])),
            embed_question=float(
                np.median([_time(lambda: embedder.embed_questions(["ba coco difu"])) for _ in range(9)])
            ),
            first_quote=float(np.median([_time(lambda q=q: next(iter(bot.stream(q)))) for q in asked])),
            reprints=_time(index.reprints),
        )


def _no_model() -> LlamaGenerator:
    """A language model that is not there: quotes come before it is needed."""
    return LlamaGenerator(lambda: Path("none.gguf"), name="none", context_tokens=2048, threads=1)


def make_articles(count: int) -> list[Article]:
    """Articles whose words are as unevenly common as those of a language (Zipf), always the same."""
    chance = np.random.default_rng(20231027)
    words = [word_of(number) for number in range(_VOCABULARY)]
    shares = 1 / np.arange(1, _VOCABULARY + 1)
    cumulated = np.cumsum(shares / shares.sum())
    articles = []
    for number in range(count):
        sentences = []
        for length in chance.integers(8, 19, size=chance.integers(9, 16)):
            drawn = np.searchsorted(cumulated, chance.random(length)).clip(max=_VOCABULARY - 1)
            sentences.append(" ".join(words[i] for i in drawn).capitalize() + ".")
        body = "\n\n".join(" ".join(sentences[i : i + 3]) for i in range(0, len(sentences), 3))
        articles.append(make_article(f"a{number:06}", f"Headline {number}\n\n{body}"))
    return articles


def word_of(number: int) -> str:
    """A made-up word, always the same for a number."""
    digits = hashlib.sha256(str(number).encode()).digest()
    return "".join(_SYLLABLES[digits[i] % 16] for i in range(2 + number % 4))


def _time(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
