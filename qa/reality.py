"""Whether it is so at all: what a source says would, may or did not happen, against a claim that it did (pure).

These checks compare words, and where they doubt, the sentence itself is shown instead. Irregular forms that begin
otherwise, 'went' for 'go', are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from qa.locks import denies, fold, negates
from qa.words import SMALL, WORD, uninflected

# 'Would eventually serve' is no less true than 'served'.
_WOULD = r"would(?! (?:later|eventually|subsequently|often|go on|come to|become)\b)"
_BETWEEN = (
    r" (?:(?:ha(?:ve|ving|d)|be|been|not|also|even|soon|never|now|yet|ever|then|often|still|just|in turn"
    r"|(?!(?:app|comp|imp|multip|re|rep|supp)ly\b)[a-z]+ly) )*(?P<verb>[^\W\d_]{3,})"
)
_UNREAL = re.compile(
    rf"\b(?:{_WOULD}|could|might|(?-i:may)|should|(?:alleged|reported|supposed)ly|consider(?:s|ed|ing)"
    r"|(?:st(?:ood|ands?)|threaten(?:s|ed|ing)?|plan(?:s|ned|ning)?|want(?:s|ed|ing)?|hop(?:es?|ed|ing)"
    r"|s(?:eeks?|eeking|ought)|tr(?:y|ies|ied|ying)|attempt(?:s|ed|ing)?|intend(?:s|ed|ing)?|offer(?:s|ed|ing)?"
    r"|promis(?:es?|ed|ing)|fail(?:s|ed|ing)?|refus(?:es?|ed|ing)|declin(?:es?|ed|ing)|agree[ds]?|asked|ordered|urged"
    r"|claim(?:s|ed|ing)?|forecast|scheduled|meant|supposed|expected|likely|about|ready|set|unable) to"
    r"|(?:said|believed|thought|alleged|rumou?red|suspected|feared|reported) to(?= (?:be|have)\b)"
    r"|(?:(?:accused|suspected) of|charged with|den(?:y|ies|ied|ying))(?= (?:\w+ly )?\w+ing\b))"
    rf"{_BETWEEN}",
    re.IGNORECASE,
)
# What a claim may say so with; 'to' does only right before the verb, and 'the report' is a thing, not a doubt.
_HEDGED = re.compile(
    rf"\b(?:{_WOULD}|could|might|(?-i:may)|should|can|cannot|must|will|shall|if|unless|(?:un)?likely|perhaps|chance|not"
    r"|never|alleg\w+|report\w*|suppos\w+|consider\w*|plan(?:s|n\w+)?|hop(?:e\w*|ing)|tr(?:y\w*|ie[sd])|inten[dt]\w*"
    r"|seek\w*|sought|den(?:y|ie)\w*|agree\w*|believ\w*|thought|claim\w*|rumou?r\w*|fear\w*|schedul\w*|meant|accus\w*"
    r"|charg\w*|(?:possib|potential|forecast|suspect|warn|threat|want|attempt|fail|refus|declin|risk|propos|promis|offer"
    r"|expect|order|urg)\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:the|an?|his|her|its|their|this|that) (?:report|plan|hope|order|offer|threat|charge|claim|fear|thought"
    r"|attempt|risk|propos\w+|promise|schedule)s?\b",
    re.IGNORECASE,
)
_AFTER_TO = re.compile(r"\bto (?:(?:be|have) )?(\w+)", re.IGNORECASE)
_NOT = re.compile(rf"(?:\b(?:not|never)|n['’]t)(?! (?:only|just|merely|simply)\b){_BETWEEN}", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"\b(?:until|till|before|unless)\b", re.IGNORECASE)  # 'did not open until May': it opened
_CLAUSE_END = re.compile(
    r"[,;:.–—()]"
)  # between it and a verb, a source may deny that: 'declined on Tuesday to attend'


def unreal(claim: str, source: str) -> str | None:
    """Why a claim tells what its source does not say is so, or None where it may.

    Args:
        claim: What the model wrote, without markup.
        source: The sentence it was written from, with its neighbours where it leans on them, without markup.

    Returns:
        What is wrong with it, in words.
    """
    return _made_real(claim, source) or _dropped_no(claim, source) or _added_no(claim, source)


def _made_real(claim: str, source: str) -> str | None:
    """What the source says would, could or threatened to happen, as what happens."""
    if _HEDGED.search(_THING.sub("", claim)):
        return None
    found = {match.start("verb"): match for match in _UNREAL.finditer(source)}
    real = _verbs(source, but=found) | {uninflected(fold(word)) for word in _AFTER_TO.findall(claim)}
    told = _told(claim, found.values(), real)
    return f"its source says only “{told}”" if told else None


def _dropped_no(claim: str, source: str) -> str | None:
    """What the source says did not happen, as what did."""
    if denies(claim):
        return None
    until = max((match.start() for match in _NOT_BEFORE.finditer(source)), default=0)
    found = {match.start("verb"): match for match in _NOT.finditer(source) if match.end() > until}
    told = _told(claim, found.values(), _verbs(source, but=found))
    return f"its source says “{told}”" if told else None


def _added_no(claim: str, source: str) -> str | None:
    """What the source says happened, as what did not; a source that says no anywhere may say it of that."""
    if negates(source):
        return None
    for match in _NOT.finditer(claim):
        verb = uninflected(fold(match["verb"]))
        if verb in SMALL:
            continue
        told = [word.start() for word in WORD.finditer(source) if _forms(uninflected(fold(word[0])), verb)]
        if told and not any(denies(_CLAUSE_END.split(source[:start])[-1]) for start in told):
            return f"its source does not say “{match[0]}”"
    return None


def _told(claim: str, found: Iterable[re.Match[str]], real: Collection[str]) -> str | None:
    """The first of some matches of whose verb a claim has a form, and what is so has none."""
    said = _verbs(claim)
    for match in found:
        folded = fold(match["verb"])
        verb = uninflected(folded)
        small = verb in SMALL or folded in SMALL
        if not small and any(_forms(word, verb) for word in said) and not any(_forms(word, verb) for word in real):
            return match[0]
    return None


def _verbs(text: str, *, but: Collection[int] = ()) -> set[str]:
    """The words of a text, uninflected, but for those that begin at some places."""
    return {uninflected(fold(word[0])) for word in WORD.finditer(text) if word.start() not in but}


def _forms(word: str, verb: str) -> bool:
    """Whether two uninflected words may be forms of one, by their first letters: 'lost' and 'lose'."""
    shared = min(max(min(len(word), len(verb)) - 1, 3), 5)
    return len(word) > 2 and word[:shared] == verb[:shared]
