"""What a claim leaves out though its source says it: 'around' before a figure, 'according to' at the end (pure).

A small model shortens; what goes first is what makes a statement careful. Nothing is put in that the source does not
have in the same place.
"""

from __future__ import annotations

import re

from qa.locks import BEFORE_FIGURE, denied_before, fold, placed_figures

_HEDGE = (
    r"(?:no|not) (?:more|less|fewer) than|about|around|approximately|roughly|nearly|almost|some"
    r"|(?:(?:well|just) )?(?:over|under)|more than|less than|fewer than|at least|at most|up to|as many as"
    r"|as few as|an estimated|close to"
)
_HEDGE_BEFORE = re.compile(rf"\b(?P<hedge>{_HEDGE})\s+$", re.IGNORECASE)
# After these words a hedge does not stand: 'the 200 captives'.
_HELD = re.compile(
    r"\b(?:the|these|those|this|that|its|his|her|their|our|another|first|last|next|only)\s+$|[-–$€£]$", re.IGNORECASE
)
_ACCORDING = re.compile(r"\s*,? according to (?P<who>[^,.;:()“”\"]{3,60})[.”\"\s]*$")


def complete(claim: str, source: str, *, said_by: str | None = None) -> str:
    """Put back what a claim has left out of its source.

    Args:
        claim: What the model wrote.
        source: The sentence it was written from, without markup.
        said_by: Whom the reader is told it is said by, beside the claim.

    Returns:
        The claim, with the source's 'around', 'at least' and the like before the figures that have none, and its
        closing 'according to …' unless the claim or `said_by` has a word of that name.
    """
    return _attributed(_hedged(claim, source), source, said_by or "")


def _hedged(claim: str, source: str) -> str:
    hedges: dict[str, set[str]] = {}
    for value, start in placed_figures(source):
        before = source[max(0, start - BEFORE_FIGURE) : start]
        found = _HEDGE_BEFORE.search(before)
        denied = found and denied_before(before[: found.start()])  # 'not yet over 300': half of it is no hedge
        hedges.setdefault(value, set()).add(found["hedge"].lower() if found and not denied else "")
    for value, start in reversed(placed_figures(claim)):  # from the end, so that what stands before keeps its place
        hedge, before = hedges.get(value, set()), claim[max(0, start - BEFORE_FIGURE) : start]
        if len(hedge) == 1 and "" not in hedge and not _HEDGE_BEFORE.search(before) and not _HELD.search(before):
            (word,) = hedge
            figure = claim[start:]
            if not before.strip():
                word, figure = f"{word[:1].upper()}{word[1:]}", f"{figure[:1].lower()}{figure[1:]}"
            claim = f"{claim[:start]}{word} {figure}"
    return claim


def _attributed(claim: str, source: str, said_by: str) -> str:
    found = _ACCORDING.search(source)
    if not found or not claim:
        return claim
    told = set(re.findall(r"\w+", fold(f"{claim} {said_by}")))
    if any(word in told for word in re.findall(r"\w{4,}", fold(found["who"]))):
        return claim
    return f"{claim.rstrip(' .')}, according to {found['who'].strip()}."
