"""What kind of answer a question wants, a number or a time, and what of the kind a sentence gives (pure).

Only what can be told from the words: a sentence without any number cannot say how many. Where in doubt, it can.
"""

from __future__ import annotations

import re

from qa.locks import denies, figures, names, negates

_HOW_MANY = re.compile(
    r"\bhow (?:many|much|far|old|large|big|tall|high|deep|fast|often)\b|\bdeath toll\b"
    r"|\bwhat (?:number|percent|percentage|fraction|proportion|share)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:^|\b(?:and|but|or|since|until|from|by) )when\b|\b(?:what|which) (?:year|date|day|month|decade|century)\b",
    re.IGNORECASE,
)
# Words that give a number or an amount without a figure; and those that hardly do.
_AMOUNT = re.compile(
    r"\b(?:dozens?|hundreds|thousands|millions|billions|scores|half|third|quarter|none|majority|minority|couple|pair"
    r"|once|twice|double|triple|free)\b",
    re.IGNORECASE,
)
_HARDLY = re.compile(
    r"\b(?:several|most|few|many|both|no|all|every|each|centur\w+|decades?|years?|single)\b", re.IGNORECASE
)
_TIME = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b\d{1,4}(?:s|st|nd|rd|th)?\b"
    r"|\b(?:centur\w+|decades?|ago|yesterday|today|tonight|tomorrow|now|currently|recently|beginning|start|end|eve"
    r"|spring|summer|autumn|fall|winter|night|morning|noon|evening|after|before|during|when|once|since|until|upon"
    r"|following|(?:last|next|this|earlier|later|same|each|every) (?:week|month|year|day|session|season))\b",
    re.IGNORECASE,
)
# How far such a word falls short. Of the first nine sentences found for 64 such questions of SQuAD, 62 in 221 with a
# number answer, 4 in 119 with such a word alone, 2 in 236 of the others: in log-odds 2.3 and 3.6 less.
VAGUE = 0.6
# Negative in form alone: 'Didn't it open?', 'whether or not', 'why not'.
_NO_NO = re.compile(r"^\W*\w+n['’]t\b|\b(?:or|why|if) not?\b|\bno (?:longer|more|less|fewer|one)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:1\d{3}|20\d\d)$")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH = rf"(?:{'|'.join(_MONTHS.split())})[a-z]*\.?"
_DAY = re.compile(
    rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}", re.IGNORECASE
)
_ROUGHLY = re.compile(r"\b(?:dozens|hundreds|thousands|millions|billions|scores|several|few|most|half|all|none)\b")


def kind_missing(question: str, sentence: str) -> float:
    """How far a sentence cannot answer a question for want of any number, of any time, or of a no.

    Args:
        question: A whole question.
        sentence: Words that may answer it.

    Returns:
        1 only where the question asks how many, when, or what is not so, and the sentence holds nothing of the kind;
        VAGUE where it asks how many, and the sentence says 'several' or the like; else 0.
    """
    if negates(_NO_NO.sub("", question)) and not denies(sentence):
        return 1
    return number_or_time_missing(question, sentence)


def number_or_time_missing(question: str, sentence: str) -> float:
    """As `kind_missing`, of questions that ask how many or when; 0 for all others."""
    if _HOW_MANY.search(question):
        if _numbers(sentence) or _AMOUNT.search(sentence):
            return 0
        return VAGUE if _HARDLY.search(sentence) else 1
    return bool(_WHEN.search(question)) and not _TIME.search(sentence)


def given(question: str, text: str) -> frozenset[str]:
    """What a text gives of the kind a question wants, by which two texts can be told to differ.

    Args:
        question: A whole question.
        text: A claim or sentence that answers it.

    Returns:
        Its days, months and years where the question asks when; else its numbers without those, and with words such
        as 'dozens' where it asks how many.
    """
    if _WHEN.search(question):
        return figures(text) | {name for name in names(text) if _TIME.fullmatch(name)}
    numbers = _numbers(_DAY.sub(" ", text))
    return numbers | set(_ROUGHLY.findall(text.casefold())) if _HOW_MANY.search(question) else numbers


def _numbers(text: str) -> frozenset[str]:
    """Its figures without those that are years: 1066, but not 1,066."""
    return frozenset(f for f in figures(text) if not _YEAR.match(f) or f"{f[0]},{f[1:]}" in text)
