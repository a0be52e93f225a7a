"""Sentences that say the same in the same words: copy printed in many papers is one source, not many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.article import Hit, Sentence
from index.reprints import bare_words

MOST = 3  # copies cited beside a sentence; copy that runs in fifty papers is no better proven for it
_ADDED = frozenset("a an the that on of".split())  # words that papers put in or leave out as their house style has it
_FEWEST = 4  # words a sentence must have; "He was right." stands in many articles, and none has it from another


@dataclass(slots=True)
class Copies:
    """Which sentences of other articles print the words of a sentence."""

    _of: dict[tuple[str, int], list[Sentence]] = field(default_factory=dict)

    def fold(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Leave of each wording the best hit, and remember the others.

        Args:
            hits: Best first.

        Returns:
            Those that say something in words of their own, in the same order.
        """
        firsts: dict[tuple[str, ...], Hit] = {}
        for hit in hits:
            words = _wording(hit.sentence)
            first = firsts.setdefault(words, hit)
            known = self._of.setdefault(first.sentence.key, [])
            if all(hit.sentence.article.id != s.article.id for s in (first.sentence, *known)):
                known.append(hit.sentence)
        return tuple(firsts.values())

    def with_copies(self, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
        """Sentences to cite, each followed by its copies in other articles, at most MOST of them."""
        return tuple(s for sentence in sentences for s in (sentence, *self._of.get(sentence.key, ())[:MOST]))


def _wording(sentence: Sentence) -> tuple[str, ...]:
    """What two sentences of the same wording have in common; of a short one, itself."""
    words = tuple(word for word in bare_words(sentence.text).split() if word not in _ADDED)
    return words if len(words) >= _FEWEST else (*words, sentence.article.id, str(sentence.number))
