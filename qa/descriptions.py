"""What sources call something: the question for it, and the sentences that say it (pure).

Most sources never set out to describe what they write about; they do it in passing: 'the mining company Rox', 'Rox, a
family firm, …'. A model asked whether such a sentence answers 'How do the articles describe Rox?' says no, since the
sentence is about something else. The words tell.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa.locks import OPENERS

_SOURCES = (
    r"(?:(?:the|these|those|all|each|every|different|various|several|both|two|three|four|five|\d+|of)\s+)*"
    r"(?:articles?|sources?|outlets?|reports?|papers?|newspapers?|accounts?|media|press|texts?|stories|they)"
)
_DESCRIBE = r"(?:characteri[sz]|describ|portray|depict|label|defin|refer|fram|present|call|term)"
# Of what is presented or defined somebody may want to know how that is done, unless sources are asked for it.
_PASSIVE = r"(?:characteri[sz]ed|described|portrayed|depicted|labell?ed|referred to|called)"
_ASKED = (
    rf"how (?:do|does|did|have|has) {_SOURCES} (?:each )?{_DESCRIBE}\w*(?: to)? (?P<what>.+)",
    rf"what (?:do|does|did) {_SOURCES} (?:each )?(?:call|term|label) (?P<what>.+)",
    rf"(?:what|which|with what) (?:\w+ )?(?:words?|terms?|names?|labels?) (?:do|does|did) {_SOURCES} (?:each )?"
    rf"(?:use|give|apply|have)(?: (?:to {_DESCRIBE}\w*|for|of|to))? (?P<what>.+)",
    rf"how (?:is|are|was|were) (?P<what>.+?) (?:being )?{_PASSIVE}",
    rf"how (?:is|are|was|were) (?P<what>.+?) (?:being )?{_DESCRIBE}\w*ed(?: to)? (?:in|by|across) {_SOURCES}",
)
_QUESTIONS = [re.compile(rf"^\W*(?:and |but |so )?{pattern}\W*$", re.IGNORECASE) for pattern in _ASKED]
_IN_SOURCES = re.compile(rf"\s+(?:in|by|across|among)\s+{_SOURCES}$|\s+differently$|\s+as$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)

# No word of a description that stands in front of a name: it would be another's doing, or another thing's place.
_NOT_IN_FRONT = (
    r"(?!(?:of|and|or|to|against|for|in|on|at|by|with|from|that|which|who|as|than|between|over|into|about|is|are|was|were"
    r"|be|has|have|had|will|would|can|could|says?|said|told|calls?|not|when|if|while|but|because|without|during|after|before)\b)"
)
_OPENING = "|".join(  # 'Although Ida Holm'
    word.capitalize()
    for word in OPENERS.union(
        "though unlike like despite meanwhile yet today yesterday what why how did does is was".split()
    )
)
_NOT_OPENING = rf"\b(?!(?:{_OPENING})\b)"
_ENDED = re.compile(r"[.!?…:;][\"'”’)\]*\s]*$")
_SAYING = r"(?:call|label|term|brand|dub|describ|characteri[sz]|portray|depict|consider|designat|regard|denounc|refer)"
_BEING = r"(?:is|was|are|were|remains?|remained|became|has become)"


def described(question: str) -> str | None:
    """What a question wants described by its sources: 'How do the articles describe …?'.

    Args:
        question: A whole question. One that asks a certain speaker ('How does Ida Holm describe …?') is another matter.

    Returns:
        The thing, in the question's words; None where the question asks no such thing.
    """
    for pattern in _QUESTIONS:
        if found := pattern.match(question.strip()):
            what = _ARTICLE.sub("", _IN_SOURCES.sub("", found["what"].strip(" ?.!\"'“”")))
            return what or None
    return None


def describes_it(sentence: str, question: str) -> bool:
    """Whether a question wants something described, and a sentence does it."""
    what = described(question)
    return what is not None and describes(sentence, what)


def describes(sentence: str, what: str) -> bool:
    """Whether a sentence says what something is, or is called.

    Args:
        sentence: Any text.
        what: The thing, as `described` gives it.

    Returns:
        True for 'X is a …', 'X, a …,', 'the … X', 'calls X …' and the like; never for a headline, where every word may
        have a capital.
    """
    return bool(_ENDED.search(sentence) and _description_of(what).search(sentence))


@lru_cache(64)
def _description_of(what: str) -> re.Pattern[str]:
    """The ways to say what `what` is: what it is to be; what follows it; what is in front of it; what it is called."""
    own = re.escape(what)
    named = what[:1].isupper()
    name = (r"\b(?:(?-i:[A-Z])\w+ )?" if named else r"\b") + own + r"\b"  # Ida Holm, asked for as Holm
    # 'A deadly Rox mine' and 'the council sued Rox' tell nothing of Rox; 'a poisoned mine' does of the mine.
    before, done = (r"(?:the|these|those)", r"(?<!ed )") if named else (r"(?:the|an?|this|these|those)", "")
    return re.compile(
        rf"{name}(?:,[^,]+,)? {_BEING} (?:[\w-]+ ){{0,2}}?(?:an?|the|one of) "
        rf"|{name}(?: \([^)]*\))?, (?:(?:which|who|whose|itself) |(?:an?|the|one of) [^,.;]{{3,40}}(?:[,.;]|$))"
        rf"|\b{before} (?:{_NOT_IN_FRONT}[\w'’-]+ ){{1,5}}{done}[“\"]?{name}"
        rf"|(?-i:{_NOT_OPENING}(?:[A-Z][\w-]+ ){{1,3}}[A-Z]\w+ ){own}\b"  # 'Mining Minister Ida Holm'
        rf"|\b{_SAYING}\w* (?!for |on |upon )(?:to )?(?:\w+ ){{0,2}}[“\"]?{name}"
        rf"|{name} (?:is|was|are|were|has been|have been) (?:\w+ )?{_SAYING}\w*ed\b"
        rf"|{name} as (?:an?|the|[“\"])",
        re.IGNORECASE,
    )
