"""Late interaction: the best matches are read token by token, and each token of the question is looked for in them.

One vector tells what a sentence is about, and blurs what it says. Here each token has a vector of its own, of the same
model, made in its passage; a token of the question counts as found as far as the token most like it is (MaxSim: Khattab
and Zaharia, ColBERT, https://arxiv.org/abs/2004.12832). How much it counts is told by the matches themselves: what all
of them have alike tells none of them apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.article import Passage, Sentence
from index.bert import Tokens
from index.embed import Embedder, TokenEmbedder
from index.load import plain_text
from index.retrieve import Close, Floats
from index.texts import Texts

KEPT_BYTES = 128 * 1024 * 1024  # of passages read before: some 2,000 with MiniLM

_Key = tuple[str, int, int]  # a passage, and from where to where its sentence stands there


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage read for one of its sentences, never empty: unit rows, and which are of the sentence."""

    vectors: npt.NDArray[np.float16]
    inside: npt.NDArray[np.bool_]


class LateInteraction:
    """Reads passages closely, and keeps those it read last. May be shared by threads.

    Args:
        embedder: The model; with one that tells no tokens nothing is read.
        kept_bytes: How much is kept.
    """

    def __init__(self, embedder: Embedder, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._embedder = embedder if isinstance(embedder, TokenEmbedder) else None
        self._most = kept_bytes
        self._kept: OrderedDict[_Key, _Read] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def readers(self, questions: Sequence[str], texts: Texts) -> list[Close | None]:
        """What `Matches.best` has sentences read by.

        Args:
            questions: Any texts.
            texts: Whose sentences are read.

        Returns:
            One for each question; None where the model tells no tokens, or the question has none.
        """

        def reader(asked: Tokens) -> Close | None:
            def close(places: Sequence[tuple[int, int]]) -> tuple[Floats, Floats]:
                sentences = [texts.sentence(*place) for place in places]
                return self.closeness(asked, [(s, texts.passage(s)) for s in sentences])

            return close if len(asked.vectors) else None

        return [reader(asked) for asked in self._embed(questions)] or [None] * len(questions)

    def closeness(self, asked: Tokens, passages: Sequence[tuple[Sentence, Passage]]) -> tuple[Floats, Floats]:
        """How much of a question stands in sentences, and in their passages.

        Args:
            asked: The question.
            passages: At least one sentence, each with its passage.

        Returns:
            For the sentences and for the passages, each about 0..1, shape (len(passages),).
        """
        read = self._read(passages)
        ends = np.cumsum([len(one.vectors) for one in read])
        starts = np.concatenate([[0], ends[:-1]])
        rows = np.concatenate([one.vectors for one in read]).astype(np.float32)
        alike = asked.vectors.astype(np.float32) @ rows.T
        around = np.maximum.reduceat(alike, starts, axis=1)
        alike[:, ~np.concatenate([one.inside for one in read])] = 0.0
        own = np.maximum.reduceat(alike, starts, axis=1)
        return _weighed(own), _weighed(around)

    def _read(self, passages: Sequence[tuple[Sentence, Passage]]) -> list[_Read]:
        keys = [_key(*pair) for pair in passages]
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
        missing = {key: pair for key, pair in zip(keys, passages, strict=True) if key not in known}
        known |= zip(missing, self._read_anew([_placed(*pair) for pair in missing.values()]), strict=True)
        with self._lock:
            for key in dict.fromkeys(keys):
                if key not in self._kept:
                    self._bytes += known[key].vectors.nbytes
                self._kept[key] = known[key]
                self._kept.move_to_end(key)
            while self._bytes > self._most:
                self._bytes -= self._kept.popitem(last=False)[1].vectors.nbytes
        return [known[key] for key in keys]

    def _read_anew(self, placed: Sequence[tuple[str, int, int]]) -> list[_Read]:
        """Passages with the places of their sentences; a sentence the model does not get to is read by itself."""
        tokens = self._embed([text for text, _, _ in placed])
        cut = [
            n
            for n, (text, _, end) in enumerate(placed)
            if any(map(str.isalnum, text[tokens[n].spans[-1:, 1].max(initial=0) : end]))
        ]
        read = [_read_for(one, start, end) for one, (_, start, end) in zip(tokens, placed, strict=True)]
        alone = [placed[n][0][slice(*placed[n][1:])] for n in cut]
        for n, text, one in zip(cut, alone, self._embed(alone), strict=True):
            read[n] = _read_for(one, 0, len(text))
        return read

    def _embed(self, texts: Sequence[str]) -> list[Tokens]:
        """Their tokens; none at all from a model that tells none."""
        return (self._embedder.embed_tokens(texts) if self._embedder and texts else None) or []


def _read_for(tokens: Tokens, start: int, end: int) -> _Read:
    if not len(tokens.vectors):
        return _Read(np.zeros((1, tokens.vectors.shape[1]), np.float16), np.zeros(1, np.bool_))
    return _Read(tokens.vectors, (tokens.spans[:, 0] >= start) & (tokens.spans[:, 1] <= end))


def _key(sentence: Sentence, passage: Passage) -> _Key:
    start = passage.sentences[0].start
    return passage.text, sentence.start - start, sentence.end - start


def _placed(sentence: Sentence, passage: Passage) -> tuple[str, int, int]:
    """A passage as a reader sees it, and from where to where its sentence stands there."""
    place = passage.sentences.index(sentence)
    before, own, after = (
        " ".join(plain_text(s.text) for s in part)
        for part in (passage.sentences[:place], [sentence], passage.sentences[place + 1 :])
    )
    start = len(before) + bool(before)
    return " ".join(filter(None, (before, own, after))), start, start + len(own)


def _weighed(alike: Floats) -> Floats:
    """The mean over the question's tokens, each by how far its best match is ahead of the average one.

    Args:
        alike: How much each token is like the most alike of each match, shape (tokens, matches).

    Returns:
        Shape (matches,).
    """
    ahead = alike.max(axis=1) - alike.mean(axis=1)
    if not ahead.any():  # one match, or all the same
        ahead = np.ones_like(ahead)
    return np.asarray((ahead / ahead.sum()) @ alike, dtype=np.float32)
