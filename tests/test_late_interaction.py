"""Reading matches token by token: what stands in a sentence and what around it, what is kept, and the new order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeEmbedder, articles_of

from index.article import Article, Passage, Sentence
from index.bert import Tokens
from index.embed import SentenceTransformerEmbedder
from index.late_interaction import LateInteraction, _placed, _weighed
from index.passage_index import PassageIndex
from index.passages import window_passages
from index.retrieve import READ
from index.sentences import split_article
from qa.models import ModelStore

TRAMS = "Trams of Leeds.\n\nThe *red* tram has [ten](http://a.b) stops. It opened on a Sunday. Rain fell on the mayor."


class WordEmbedder(FakeEmbedder):
    """A token is a word, whatever stands around it."""

    def __init__(self, *, most: int = 1000) -> None:
        super().__init__()
        self.most = most
        self.read: list[str] = []

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens] | None:
        self.read += texts
        return [self._tokens(text) for text in texts]

    def _tokens(self, text: str) -> Tokens:
        words = [*re.finditer(r"\w+", text)][: self.most]
        vectors = np.array([self._unit(word[0]) for word in words], np.float16).reshape(-1, self.dim)
        return Tokens(vectors, np.array([word.span() for word in words], np.int32).reshape(-1, 2))


def passages_of(article: Article) -> list[tuple[Sentence, Passage]]:
    kept = split_article(article).kept
    return [*zip(kept, window_passages(kept), strict=True)]


@pytest.fixture
def trams() -> list[tuple[Sentence, Passage]]:
    return passages_of(articles_of(trams=TRAMS)[0])


def asked(embedder: WordEmbedder, question: str) -> Tokens:
    (tokens,) = embedder.embed_tokens([question]) or ()
    return tokens


def test_what_stands_in_a_sentence_and_what_around_it(trams: list[tuple[Sentence, Passage]]) -> None:
    embedder = WordEmbedder()
    own, around = LateInteraction(embedder).closeness(asked(embedder, "red Sunday"), trams)
    heading, red, sunday, rain = range(4)
    assert around[red] == around[sunday] == pytest.approx(1, abs=0.01)
    assert own[red] < 0.9 > own[sunday]
    assert max(own[rain], own[heading]) < min(own[red], own[sunday])
    assert around[rain] > own[rain]
    assert around[heading] == pytest.approx(own[heading], abs=0.1)


def test_a_sentence_stands_where_it_is_said_to(trams: list[tuple[Sentence, Passage]]) -> None:
    placed = [_placed(*pair) for pair in trams]
    assert [text[start:end] for text, start, end in placed] == [
        "Trams of Leeds.",
        "The red tram has ten stops.",
        "It opened on a Sunday.",
        "Rain fell on the mayor.",
    ]
    assert placed[2][0] == "The red tram has ten stops. It opened on a Sunday. Rain fell on the mayor."


def test_what_all_match_alike_counts_nothing() -> None:
    alike = np.array([[0.9, 0.9, 0.9], [0.2, 0.8, 0.2]], np.float32)
    assert _weighed(alike).tolist() == pytest.approx([0.2, 0.8, 0.2])
    assert _weighed(alike[:, :1]).tolist() == pytest.approx([0.55])


def test_a_sentence_the_model_does_not_get_to_is_read_alone(trams: list[tuple[Sentence, Passage]]) -> None:
    embedder = WordEmbedder(most=8)
    own, _ = LateInteraction(embedder).closeness(asked(embedder, "mayor"), trams)
    assert own[3] == pytest.approx(1, abs=0.01)
    assert "Rain fell on the mayor." in embedder.read


def test_a_passage_without_a_token() -> None:
    embedder = WordEmbedder()
    passages = passages_of(articles_of(marks="!!! ???\n\nThe tram is red.")[0])
    own, around = LateInteraction(embedder).closeness(asked(embedder, "red"), passages)
    assert own.tolist() == around.tolist() == pytest.approx([0, 1] if len(passages) > 1 else [1], abs=0.01)


def test_passages_are_read_once_and_the_oldest_forgotten(trams: list[tuple[Sentence, Passage]]) -> None:
    embedder = WordEmbedder()
    question = asked(embedder, "red")
    late = LateInteraction(embedder)
    first = late.closeness(question, trams)
    embedder.read.clear()
    assert np.array_equal(late.closeness(question, trams), first)
    assert embedder.read == []
    small = LateInteraction(embedder, kept_bytes=6 * embedder.dim * 2)  # of six tokens: the last passage has more
    for _ in range(2):
        assert np.array_equal(small.closeness(question, trams), first)
    assert len(embedder.read) == 2 * len(trams)


def test_threads_may_share_it(trams: list[tuple[Sentence, Passage]]) -> None:
    embedder = WordEmbedder()
    question = asked(embedder, "red Sunday")
    wanted = LateInteraction(embedder).closeness(question, trams)
    late = LateInteraction(embedder, kept_bytes=20 * embedder.dim * 2)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: late.closeness(question, trams), range(200)):
            assert np.array_equal(found, wanted)


def test_the_best_matches_are_put_in_order_and_the_others_follow(tmp_path: Path) -> None:
    texts = {f"a{n:02}": f"Item {n} of the list costs {n} crowns." for n in range(READ + 10)}
    index = PassageIndex.create(tmp_path, WordEmbedder())
    index.update(articles_of(**texts), remove_others=True)
    plain = PassageIndex.open(tmp_path, FakeEmbedder())
    question = "Which item costs 7 crowns?"
    close, fused = index.search(question, k=99), plain.search(question, k=99)
    assert close[0].sentence.text == texts["a07"]
    assert {h.sentence.key for h in close[:READ]} == {h.sentence.key for h in fused[:READ]}
    assert [h.sentence.key for h in close[READ:]] == [h.sentence.key for h in fused[READ:]]
    scores = [hit.score for hit in close]
    assert scores == sorted(scores, reverse=True)
    assert index.search(question, k=1) == close[:1]
    assert index.search_many([question, "crowns"], k=3)[0] == close[:3]


def test_a_question_without_a_token_is_searched_for_all_the_same(tmp_path: Path) -> None:
    index = PassageIndex.create(tmp_path, WordEmbedder())
    index.update(articles_of(trams=TRAMS), remove_others=True)
    assert len(index.search("?!", k=9)) == 4
    assert PassageIndex.create(tmp_path / "empty", WordEmbedder()).search("tram", k=9) == ()


@pytest.mark.model
def test_tokens_of_the_real_model() -> None:
    embedder = SentenceTransformerEmbedder(ModelStore.open().locate(None, "embedder"), name="default")
    texts = ["The naïve café costs 40 million.", "", "word " * 400, "Who pays?"]
    found = embedder.embed_tokens(texts)
    assert found is not None
    first, empty, long, _ = found
    assert [texts[0][start:end] for start, end in first.spans] == [
        *("The", "naïve", "café", "costs", "40", "million", ".")
    ]
    assert np.allclose(np.linalg.norm(first.vectors.astype(np.float32), axis=1), 1, atol=0.01)
    assert len(empty.vectors) == len(empty.spans) == 0
    assert 200 < len(long.vectors) < 400
    (alone,) = embedder.embed_tokens(texts[:1]) or ()
    assert np.array_equal(alone.vectors, first.vectors)  # to the bit: nobody's question changes another's answer
    paid, _, tram = (one.vectors.astype(np.float32) for one in embedder.embed_tokens(["paid", "", "tram"]) or ())
    wanted = found[3].vectors.astype(np.float32)
    assert (wanted @ paid.T).max() > (wanted @ tram.T).max()
