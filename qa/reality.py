"""Whether it is so at all: what a source says would, may or did not happen, against a claim that it did (pure).

These checks compare words, and where they doubt, the sentence itself is shown instead. Irregular forms that begin
otherwise, 'went' for 'go', are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from qa.locks import denies, fold, negates
from qa.words import SMALL, WORD, uninflected, words

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
    r"|claim(?:s|ed|ing)?|believed|thought|alleged|rumou?red|suspected|feared|reported|forecast|scheduled|meant|supposed"
    r"|expected|likely|about|ready|set|unable) to"
    r"|(?:accused|suspected) of|charged with|den(?:y|ies|ied|ying))"
    rf"{_BETWEEN}",
    re.IGNORECASE,
)
# What a claim may say so with, before the verb; 'to' does only right before it.
_HEDGED = re.compile(
    rf"\b(?:{_WOULD}|could|might|(?-i:may)|should|can|cannot|must|will|shall|if|unless|(?:un)?likely|perhaps|chance|not"
    r"|never|alleg\w+|report\w*|suppos\w+|consider\w*|plan(?:s|n\w+)?|hop(?:e\w*|ing)|tr(?:y\w*|ie[sd])|inten[dt]\w*"
    r"|seek\w*|sought|den(?:y|ie)\w*|agree\w*|believ\w*|thought|claim\w*|rumou?r\w*|fear\w*|schedul\w*|meant|accus\w*"
    r"|charg\w*|(?:possib|potential|forecast|suspect|warn|threat|want|attempt|fail|refus|declin|risk|propos|promis|offer"
    r"|expect|order|urg)\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"\b(?:alleged|reported|supposed)ly\b", re.IGNORECASE)  # says so wherever it stands
_AFTER_TO = re.compile(r"\bto (?:(?:be|have) )?(\w+)", re.IGNORECASE)
_NOT = re.compile(rf"(?:\b(?:not|never)|n['’]t)(?! only\b){_BETWEEN}", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"\b(?:until|till|before|unless)\b", re.IGNORECASE)  # 'did not open until May': it opened
_JUST_BEFORE = 3  # words in which a source may deny what follows: 'declined to attend'


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
    if _ADVERB.search(claim):
        return None
    found = {match.start("verb"): match for match in _UNREAL.finditer(source)}
    real = _verbs(source, but=found) | {uninflected(fold(word)) for word in _AFTER_TO.findall(claim)}
    for match in found.values():
        verb = uninflected(fold(match["verb"]))
        if verb in SMALL or any(_akin(word, verb) for word in real):
            continue
        for word in WORD.finditer(claim):
            if _akin(uninflected(fold(word[0])), verb) and not _HEDGED.search(claim[: word.end()]):
                return f"its source says only “{match[0]}”"
    return None


def _dropped_no(claim: str, source: str) -> str | None:
    """What the source says did not happen, as what did."""
    if denies(claim):
        return None
    found = {m.start("verb"): m for m in _NOT.finditer(source) if not _NOT_BEFORE.search(source[m.end() :])}
    real, said = _verbs(source, but=found), _verbs(claim)
    for match in found.values():
        verb = uninflected(fold(match["verb"]))
        small = verb in SMALL or fold(match["verb"]) in SMALL
        if not small and any(_akin(word, verb) for word in said) and not any(_akin(word, verb) for word in real):
            return f"its source says “{match[0]}”"
    return None


def _added_no(claim: str, source: str) -> str | None:
    """What the source says happened, as what did not; a source that says no anywhere may say it of that."""
    if negates(source):
        return None
    theirs = words(source)
    for match in _NOT.finditer(claim):
        verb = uninflected(fold(match["verb"]))
        at = [] if verb in SMALL else [i for i, word in enumerate(theirs) if _akin(uninflected(word), verb)]
        if at and not any(denies(" ".join(theirs[max(0, i - _JUST_BEFORE) : i])) for i in at):
            return f"its source does not say “{match[0]}”"
    return None


def _verbs(text: str, *, but: Collection[int] = ()) -> set[str]:
    """The words of a text, uninflected, but for those that begin at some places."""
    return {uninflected(fold(word[0])) for word in WORD.finditer(text) if word.start() not in but}


def _akin(word: str, verb: str) -> bool:
    """Whether two uninflected words may be forms of one, by their first letters: 'lost' and 'lose'."""
    shared = min(max(min(len(word), len(verb)) - 1, 3), 5)
    return len(word) > 2 and word[:shared] == verb[:shared]
