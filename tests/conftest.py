"""Stand-ins for the models, and the real ones: fixtures that tests share."""

from __future__ import annotations

import hashlib
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from index.article import Article, Sentence
from index.load import make_article
from index.passage_index import PassageIndex
from index.sentences import split_article
from qa.chatbot import Chatbot
from qa.generate import Prompt, Reading
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.local import LlamaGenerator


def pytest_configure() -> None:
    """Take Ctrl-C as in a terminal: a shell has what it runs in the background ignore it, and what that starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


COST = "What did the tram line cost?"
Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parent.parent
Vectors = npt.NDArray[np.float32]

LEEDS = """Leeds opens a tram line.

The tram line cost 40 million pounds. It has 12 stops. Mayor Ana Roe opened it on Monday."""
YORK = """York plans a tram.

The council of York wants a tram line with 9 stops. The cost is not known.

Subscribe to our newsletter"""


class FakeEmbedder:
    """A bag of words: each word is a fixed random direction, a text the sum of its words', made a unit vector."""

    def __init__(self, *, name: str = "fake", dim: int = 64) -> None:
        self.name = name
        self.dim = dim
        self.embedded = 0  # passages so far

    @property
    def fingerprint(self) -> str:
        return f"{self.name}-{self.dim}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return np.stack([self._unit(text) for text in texts]) if texts else np.empty((0, self.dim), np.float32)

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        return np.stack([self._unit(q) for q in questions]) if questions else np.empty((0, self.dim), np.float32)

    def _unit(self, text: str) -> Vectors:
        words = re.findall(r"\w+", text.casefold()) or [""]
        seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big") for word in words]
        total = sum(np.random.default_rng(seed).normal(size=self.dim) for seed in seeds)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


class FakeGenerator:
    """A language model from a script; what it was asked is kept.

    Args:
        odds: Prompt and ending -> log-odds of Yes.
        reply: Prompt -> what is written.
        willing: Prompt -> log-odds that it is answered at all.
    """

    name = "scripted"
    probed = False
    at_once = 1
    sent_to = ""

    def __init__(
        self,
        odds: Callable[[str, str], float] = lambda prompt, ending: 0.0,
        reply: Callable[[str], str] = lambda prompt: "",
        willing: Callable[[str], float] = lambda prompt: 0.0,
    ) -> None:
        self._odds = odds
        self._reply = reply
        self._willing = willing
        self.judged: list[tuple[str, str]] = []
        self.read: list[str] = []
        self.written: list[str] = []
        self.prepared: list[str] = []

    def has_probe(self, prompt: Prompt) -> bool:
        return self.probed

    def judge(self, prompt: Prompt, endings: Sequence[str]) -> list[float]:
        said = "".join(prompt.last)
        self.judged.extend((said, ending) for ending in endings)
        return [self._odds(said, ending) for ending in endings]

    def read_each(self, prompts: Sequence[Prompt], *, refusal: str) -> list[Reading]:
        said = ["".join(prompt.last) for prompt in prompts]
        self.read.extend(said)
        return [Reading(willing=self._willing(text), expected=-10.0) for text in said]

    def write(self, prompt: Prompt, *, grammar: str, max_tokens: int) -> str:
        self.written.append("".join(prompt.last))
        return self._reply(self.written[-1])

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        self.prepared += ["".join(prompt.last) for prompt in prompts]

    def count(self, text: str) -> int:
        return len(text.split())

    @property
    def shown(self) -> set[str]:
        """Every text the model has seen."""
        return {*(ending for _, ending in self.judged), *self.read, *self.written}


def knows(words: str, *, reply: str = "", stands: float = 3.0) -> FakeGenerator:
    """A model for which only sentences with some words answer, which writes one reply and, by `stands`, believes it."""

    def odds(prompt: str, ending: str) -> float:
        if "\nStatement: " in ending:
            return stands
        return 6.0 if words in ending else -6.0

    return FakeGenerator(odds, lambda prompt: reply, lambda prompt: 4.0 if words in prompt else -4.0)


def articles_of(**texts: str) -> tuple[Article, ...]:
    return tuple(make_article(name, text) for name, text in texts.items())


def sentence(article: Article, words: str) -> Sentence:
    """The sentence of an article that holds some words."""
    return next(s for s in split_article(article).sentences if words in s.text)


@pytest.fixture(autouse=True)
def indexes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where indexes of folders go during a test: never the user's cache."""
    folder = tmp_path / "indexes"
    monkeypatch.setenv("CITEWELL_INDEXES", str(folder))
    monkeypatch.setenv("CITEWELL_DATA", str(tmp_path / "data"))
    return folder


@pytest.fixture
def tables_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables for searching are kept on disk for the smallest index too."""
    monkeypatch.setattr("index.memory.SAVED_FROM", 1)


@pytest.fixture
def seeds() -> Path:
    return ROOT / "seeds"


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def towns(tmp_path: Path, embedder: FakeEmbedder) -> PassageIndex:
    """An index of two short made-up articles."""
    index = PassageIndex.create(tmp_path / "towns", embedder)
    index.update(articles_of(leeds=LEEDS, york=YORK), remove_others=True)
    return index


@pytest.fixture
def clippings(tmp_path: Path) -> Path:
    """A folder of the same two articles."""
    folder = tmp_path / "clippings"
    folder.mkdir()
    (folder / "leeds.txt").write_text(LEEDS, encoding="utf-8")
    (folder / "york.txt").write_text(YORK, encoding="utf-8")
    return folder


@pytest.fixture
def bot_of(towns: PassageIndex) -> Callable[..., Chatbot]:
    """A chatbot over the two articles with a scripted model."""

    def make(generator: FakeGenerator | None = None, **settings: float) -> Chatbot:
        return Chatbot(towns, generator or FakeGenerator(), settings=Settings(**settings))  # type: ignore[arg-type]

    return make


@pytest.fixture
def generator() -> FakeGenerator:
    return knows("40 million", reply="It cost 40 million pounds.")


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], generator: FakeGenerator, clippings: Path
) -> Run:
    """Runs the command on the made-up articles with stand-ins for both models: exit code, stdout, stderr."""
    monkeypatch.setattr("qa.library.find_embedder", lambda name, *, report: FakeEmbedder(name=name or "fake"))
    monkeypatch.setattr("qa.chatbot.LlamaGenerator", lambda *args, **options: generator)
    monkeypatch.chdir(clippings.parent)

    from ui.cli import main

    def command(*argv: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(a) for a in argv])
        except SystemExit as left:
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    return command


@pytest.fixture(scope="session")
def tiny() -> Iterator[LlamaGenerator]:
    """The smallest real model."""
    from qa.local import LlamaGenerator
    from qa.models import ModelStore

    def locate() -> Path:
        return ModelStore.open().locate("tiny", "llm")

    # One thread: two wait for each other at every step, which takes very long where the cores are busy.
    yield LlamaGenerator(locate, name="tiny", context_tokens=1024, threads=1)


@pytest.fixture(scope="session")
def real_bot(tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    """The default models over seeds/, with an index of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITEWELL_INDEXES", str(tmp_path_factory.mktemp("indexes")))
        return Chatbot.open(ROOT / "seeds")
