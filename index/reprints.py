"""Which articles are one text republished, and which sentences say the same words (pure).

Wire copy runs in many papers with small edits. Its sentences are one source, not three, so whoever counts sources has
to know. Sentences are compared by their words alone; articles by how many runs of five words they share.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.load import plain_text
from index.sentences import Split

RESEMBLANCE = 0.4  # one word changed in each sentence of twenty leaves 0.6; reports of one event share under 0.1
RUN_WORDS = 5
SKETCH = 256  # hashes kept of an article: up to some 260 words the resemblance is exact, beyond it an estimate
_FEWEST_RUNS = 8  # a text with fewer is too short to be told from another
_FEWEST_BYTES = 24  # 'He was right.' stands in many articles, and none has it from another

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Prints:
    """What an article is compared by.

    Attributes:
        sentences: One hash for each citable sentence, of its words; 0 where they are too few to mean anything.
        sketch: The smallest hashes of the article's runs of words, ascending, at most SKETCH.
    """

    sentences: Hashes
    sketch: Hashes


def take_prints(split: Split) -> Prints:
    """Hash an article's citable sentences and their runs of words.

    Args:
        split: An article's sentences.

    Returns:
        Its prints; the same on every machine.
    """
    texts = [bare_words(sentence.text) for sentence in split.kept]
    words = [word for text in texts for word in text.split()]
    runs = {" ".join(words[i : i + RUN_WORDS]) for i in range(len(words) - RUN_WORDS + 1)}
    hashes = np.fromiter((_hash(run) for run in runs), dtype=np.uint64, count=len(runs))
    hashes.sort()
    long = (_hash(text) if len(text.encode("utf-8", "replace")) >= _FEWEST_BYTES else 0 for text in texts)
    return Prints(np.fromiter(long, dtype=np.uint64, count=len(texts)), hashes[:SKETCH])


def bare_words(text: str) -> str:
    """A text's words and figures in lower case, single blanks between: quotes, stops and markup do not count."""
    return " ".join(re.findall(r"[^\W_]+", plain_text(text).casefold()))


def resemblance(one: Hashes, other: Hashes) -> float:
    """Estimate the share of two articles' runs of words that both have (Jaccard).

    Source: Broder, "On the resemblance and containment of documents", 1997.

    Args:
        one: A sketch.
        other: Another.

    Returns:
        0 to 1; exact where neither sketch was cut.
    """
    both = np.union1d(one, other)
    if SKETCH in (len(one), len(other)):
        both = both[:SKETCH]
    if not len(both):
        return 0.0
    shared = np.intersect1d(one, other, assume_unique=True)
    return float(np.isin(both, shared, assume_unique=True).mean())


def group_reprints(sketches: Sequence[Hashes]) -> tuple[tuple[int, ...], ...]:
    """Find the articles that are one text republished.

    Args:
        sketches: One per article.

    Returns:
        Groups of two and more article numbers, ascending; an article is in one group at most.
    """
    leader = list(range(len(sketches)))

    def lead(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for one, other in _candidates(sketches):
        first, second = sorted((lead(one), lead(other)))
        if first != second and resemblance(sketches[one], sketches[other]) >= RESEMBLANCE:
            leader[second] = first
    groups: dict[int, list[int]] = {}
    for number in range(len(sketches)):
        groups.setdefault(lead(number), []).append(number)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _candidates(sketches: Sequence[Hashes]) -> list[tuple[int, int]]:
    """Pairs that share a few hashes; of all that share one hash only neighbours are paired: linear, not squared."""
    sizes = [len(sketch) if len(sketch) >= _FEWEST_RUNS else 0 for sketch in sketches]
    hashes = np.concatenate([np.empty(0, np.uint64), *(s[:n] for s, n in zip(sketches, sizes, strict=True))])
    owners = np.repeat(np.arange(len(sketches)), sizes)
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    same = np.flatnonzero(hashes[1:] == hashes[:-1])
    shared = Counter(zip(owners[same].tolist(), owners[same + 1].tolist(), strict=True))
    return sorted(pair for pair, count in shared.items() if count >= _FEWEST_RUNS // 2)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
