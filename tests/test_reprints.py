"""Wire copy republished with small edits is recognised; reports of the same event, or short texts, are not."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeEmbedder, articles_of, sentence

from index.passage_index import PassageIndex
from index.reprints import SKETCH, bare_words, group_reprints, resemblance, take_prints
from index.sentences import split_article

WORDS = [f"word{n}" for n in range(3000)]


def wire_copy(seed: int, *, sentences: int = 15) -> list[list[str]]:
    chance = random.Random(seed)
    return [chance.sample(WORDS, 20) for _ in range(sentences)]


def text_of(sentences: list[list[str]]) -> str:
    return "\n\n".join(" ".join(words).capitalize() + "." for words in sentences)


def sketch(text: str) -> np.ndarray:
    (article,) = articles_of(a=text)
    return take_prints(split_article(article)).sketch


def edited(sentences: list[list[str]], how: str) -> str:
    """As another paper prints it."""
    chance = random.Random(how)
    if how == "one word in each sentence":
        return text_of([[*s[:9], chance.choice(WORDS), *s[10:]] for s in sentences])
    if how == "last third cut":
        return text_of(sentences[:10])
    if how == "own first and last paragraph":
        return text_of([*wire_copy(98, sentences=1), *sentences, *wire_copy(99, sentences=1)])
    assert how == "marked up in another way"
    return text_of(sentences).replace("word1", "**word1**").replace(".", " …").upper()


@pytest.mark.parametrize(
    "how",
    ["one word in each sentence", "last third cut", "own first and last paragraph", "marked up in another way"],
)
@pytest.mark.parametrize("length", [6, 15, 60])
def test_republished_with_edits(how: str, length: int) -> None:
    original = wire_copy(1, sentences=max(length, 15) if how == "last third cut" else length)
    if how == "last third cut":
        original = original[:15]
    texts = [text_of(wire_copy(2)), text_of(original), text_of(wire_copy(3)), edited(original, how)]
    assert group_reprints([sketch(text) for text in texts]) == ((1, 3),)


def test_resemblance_by_hand() -> None:
    one, other = (np.array(values, dtype=np.uint64) for values in ([1, 2, 3, 4], [3, 4, 5, 6]))
    assert resemblance(one, other) == pytest.approx(2 / 6)
    assert resemblance(one, one) == 1
    assert resemblance(one[:0], other[:0]) == 0


def test_a_cut_sketch_estimates() -> None:
    chance = random.Random(5)
    for share in (0.2, 0.5, 0.8):
        common = chance.sample(range(2**60), int(4000 * share))
        one, other = (
            np.array(sorted({*common, *chance.sample(range(2**60), 4000 - len(common))})[:SKETCH], dtype=np.uint64)
            for _ in range(2)
        )
        assert resemblance(one, other) == pytest.approx(share / (2 - share), abs=0.1)


def test_a_shared_sentence_or_a_short_text_is_no_reprint() -> None:
    quote = wire_copy(7, sentences=1)
    texts = [text_of([*wire_copy(n, sentences=12), *quote]) for n in range(5)]
    assert group_reprints([sketch(text) for text in [*texts, "Nobody was hurt.", "Nobody was hurt.", ""]]) == ()
    assert group_reprints([]) == ()


def test_many_copies_are_one_group() -> None:
    original = wire_copy(1)
    copies = [text_of(original[n % 3 :]) for n in range(300)]
    assert group_reprints([sketch(text) for text in [text_of(wire_copy(2)), *copies]]) == (tuple(range(1, 301)),)


def test_bare_words() -> None:
    assert bare_words("“It’s [**40**](http://x.y) million,” she said…") == "it s 40 million she said"


def test_sentences_with_the_same_words(tmp_path: Path, embedder: FakeEmbedder) -> None:
    first = "The minister said forty schools would close. He was right."
    second = "Elsewhere, it rained.\n\n“The minister said: forty schools would close!” He was right."
    third = "The minister said fifty schools would close."
    index = PassageIndex.build(tmp_path, embedder, articles_of(a=first, b=second, c=third))
    a, b, c = index.articles
    same = index.same_words(sentence(a, "forty"))
    assert [(s.article.id, "forty" in s.text) for s in same] == [("a", True), ("b", True)]
    assert index.same_words(sentence(b, "forty")) == same
    assert index.same_words(sentence(c, "fifty")) == (sentence(c, "fifty"),)
    assert index.same_words(sentence(a, "right")) == (sentence(a, "right"),)  # too short to have been copied


def test_reprints_of_an_index(tmp_path: Path, embedder: FakeEmbedder) -> None:
    original = wire_copy(1)
    articles = articles_of(
        wire=text_of(original), other=text_of(wire_copy(2)), copy=edited(original, "one word in each sentence")
    )
    index = PassageIndex.build(tmp_path, embedder, articles)
    assert index.reprints() == (("wire", "copy"),)
    index.remove(["wire"])
    assert index.reprints() == ()
