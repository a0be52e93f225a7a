"""The scores no library has, pure: texts and numbers in, numbers out.

Answers, alternatives, citations and gold sentences are all normalised the same way before they are compared, so that
typography (curly quotes, Markdown links, line breaks) never decides a score. docs/evaluation.md explains each figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

RESAMPLES = 1000  # bootstrap resamples behind each interval
BOOTSTRAP_SEED = 20231027  # fixed: the same results give the same interval
_DRAWN_AT_ONCE = 2_000_000  # bounds the memory of the bootstrap, in numbers
SHORTER_SHARE = 1 / 3  # least length of the shorter of two matching sentences, as a share of the longer

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_APOSTROPHES = re.compile(r"[‘’]")
_DROPPED = re.compile(r'["“”„*\\]')
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence as cited, or as gold: the article's id and the words."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % bootstrap interval; all None where nothing was counted."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # how many values the mean is of


def normalise(text: str) -> str:
    """Lower-case, links as their text, apostrophes straight, double quotes, `*` and backslashes gone, blanks single."""
    text = _LINK.sub(r"\1", _APOSTROPHES.sub("'", text.lower()))
    return _BLANKS.sub(" ", _DROPPED.sub(" ", text)).strip()


def contains(text: str, alternative: str) -> bool:
    """Whether a text holds an alternative as a whole word or number: no `4` in `2014`, no `200` in `200,000`."""
    wanted = normalise(alternative)
    if not wanted:
        return False
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(wanted)}(?!\w)(?![.,]\d)", normalise(text)) is not None


def unmatched_groups(text: str, groups: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Numbers of the groups of which no alternative is in the text; a group without alternatives never matches."""
    return tuple(n for n, group in enumerate(groups) if not any(contains(text, alternative) for alternative in group))


def same_sentence(one: Quote, other: Quote) -> bool:
    """Whether two quotes are the same sentence, allowing for sentence splitters that cut differently.

    Args:
        one: A quote.
        other: Another; the order does not matter.

    Returns:
        True if both are of one article, one normalised text contains the other, and the shorter has at least a
        third of the longer's characters.
    """
    if one.article != other.article:
        return False
    return same_text(normalise(one.text), normalise(other.text))


def same_text(one: str, other: str) -> bool:
    """`same_sentence` for two texts of one article that are normalised already."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and shorter in longer and len(shorter) >= SHORTER_SHARE * len(longer)


def cite_recall(cited: Sequence[Quote], gold: Sequence[Quote], required: Sequence[Sequence[int]]) -> float | None:
    """Share of the required sets of which at least one gold sentence is cited.

    Args:
        cited: The sentences an answer cites.
        gold: The sentences that may be cited.
        required: Sets of indices into gold; one sentence of each set is needed.

    Returns:
        0..1, 0 if nothing is cited, None if nothing is required.
    """
    if not required:
        return None
    return 1 - len(missed_sets(cited, gold, required)) / len(required)


def missed_sets(cited: Sequence[Quote], gold: Sequence[Quote], required: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Numbers of the required sets of which no gold sentence is cited."""
    found = {n for n, wanted in enumerate(gold) if any(same_sentence(quote, wanted) for quote in cited)}
    return tuple(n for n, choices in enumerate(required) if found.isdisjoint(choices))


def cite_precision(cited: Sequence[Quote], gold: Sequence[Quote]) -> float | None:
    """Share of the cited sentences that match any gold sentence; a sentence cited twice counts once.

    Args:
        cited: The sentences an answer cites.
        gold: The sentences that may be cited.

    Returns:
        0..1, None if nothing is cited or no sentence is known to be right.
    """
    distinct = {(quote.article, normalise(quote.text)): quote for quote in cited}
    if not distinct or not gold:
        return None
    return sum(any(same_sentence(quote, wanted) for wanted in gold) for quote in distinct.values()) / len(distinct)


def article_recall(cited: Sequence[Quote], gold: Sequence[Quote], required: Sequence[Sequence[int]]) -> float | None:
    """`cite_recall` with whole articles in place of sentences: any sentence of the right article will do."""
    if not required:
        return None
    articles = {quote.article for quote in cited}
    return sum(any(gold[n].article in articles for n in choices) for choices in required) / len(required)


def article_precision(cited: Sequence[Quote], gold: Sequence[Quote]) -> float | None:
    """Share of the cited articles that hold a gold sentence; None if nothing is cited or there is no gold."""
    articles = {quote.article for quote in cited}
    if not articles or not gold:
        return None
    return len(articles & {quote.article for quote in gold}) / len(articles)


def set_recall(
    ranking: Sequence[tuple[str, int]], sets: Sequence[AbstractSet[tuple[str, int]]], *, k: int
) -> float | None:
    """Share of the required sets with a sentence among the first k: 1 or 0 where one sentence is wanted.

    Args:
        ranking: Keys (article, sentence) as retrieved, best first.
        sets: For each required set the keys that satisfy it.
        k: How many places count.

    Returns:
        0..1, None if nothing is required.
    """
    if not sets:
        return None
    first = set(ranking[:k])
    return sum(not first.isdisjoint(keys) for keys in sets) / len(sets)


def mean_figure(units: Sequence[Sequence[float]]) -> Figure:
    """Mean of all values, with the interval of a bootstrap over units.

    Args:
        units: The values by what was drawn independently: one question, or one conversation with all its turns.

    Returns:
        The mean of every value, and the 2.5 and 97.5 percentiles of the means of RESAMPLES draws of units.
    """
    units = [unit for unit in units if unit]
    n = sum(map(len, units))
    if not n:
        return Figure(None, None, None, 0)
    low, high = _interval(_resampled_means(units))
    return Figure(sum(map(sum, units)) / n, low, high, n)


def balanced_figure(right: Sequence[Sequence[float]], wrong: Sequence[Sequence[float]]) -> Figure:
    """Balanced accuracy of a yes-or-no decision: the mean of the hit rate and of one less the false-alarm rate.

    Args:
        right: 1 or 0 per question that should be declined, by unit.
        wrong: 1 or 0 per question that should not, by unit.

    Returns:
        The balanced accuracy, each side resampled by itself; all None if one side is empty.
    """
    right, wrong = [unit for unit in right if unit], [unit for unit in wrong if unit]
    hits, alarms = mean_figure(right).value, mean_figure(wrong).value
    n = sum(map(len, right)) + sum(map(len, wrong))
    if hits is None or alarms is None:
        return Figure(None, None, None, n)
    draws = [
        (hit + 1 - alarm) / 2 for hit, alarm in zip(_resampled_means(right), _resampled_means(wrong, 1), strict=True)
    ]
    low, high = _interval(draws)
    return Figure((hits + 1 - alarms) / 2, low, high, n)


def _resampled_means(units: Sequence[Sequence[float]], stream: int = 0) -> list[float]:
    """Means of RESAMPLES draws, with replacement, of as many units as there are; none of them empty."""
    import numpy as np

    rng = np.random.default_rng([BOOTSTRAP_SEED, stream])
    sums = np.array([sum(unit) for unit in units], dtype=np.float64)
    counts = np.array([len(unit) for unit in units], dtype=np.float64)
    rows = max(1, _DRAWN_AT_ONCE // len(units))
    means: list[float] = []
    while len(means) < RESAMPLES:
        drawn = rng.integers(0, len(units), (min(rows, RESAMPLES - len(means)), len(units)))  # (rows, units)
        means.extend((sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)).tolist())
    return means


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """The 2.5 and 97.5 percentiles."""
    low, high = percentiles(values, (2.5, 97.5))
    return low, high


def percentiles(values: Sequence[float], ranks: Sequence[float]) -> tuple[float, ...]:
    """Percentiles by linear interpolation.

    Args:
        values: At least one number.
        ranks: Percents, 0..100.

    Returns:
        One value per rank.

    Raises:
        ValueError: There are no values.
    """
    import numpy as np

    if not values:
        raise ValueError("percentiles of nothing: wanted at least one value")
    return tuple(float(value) for value in np.percentile(np.asarray(values, dtype=np.float64), list(ranks)))
