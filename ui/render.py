"""Turns of a conversation to escaped HTML (pure; no Gradio).

Every mark is a link to a sentence: page.js opens it in the reader by its data-article and data-sentence, and the
style sheet does the rest. Positions of elements are stable while an answer grows, since the page updates in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from index.article import Sentence
from qa.answer import Answer, Citation, Claim, Conflict
from ui.conversation import Turn
from ui.feedback import Verdict
from ui.frame import count_articles
from ui.links import page_name, sentence_link, short_name
from ui.prose import escape, escape_attribute, render_range

NOT_HERE = "Not in these articles."
_QUESTION_CHARS = 4_000
_LONG_WORD = 24  # longer words may part from their marks


def render_thread(turns: Sequence[Turn], *, intro: str = "") -> str:
    """A whole conversation.

    Args:
        turns: Oldest first.
        intro: HTML shown while there are no turns.

    Returns:
        One element, the turns its children.
    """
    inner = "".join(render_turn(turn) for turn in turns) or intro
    return f'<div class="cw-turns">{inner}</div>'


def render_turn(turn: Turn) -> str:
    """One question with as much of its answer as there is."""
    parts = [
        f'<h2 class="cw-question" dir="auto">{escape(_shorten(turn.question))}</h2>',
        _render_asked_as(turn),
        f'<div class="cw-answer" aria-live="polite">{_render_body(turn)}</div>',
        _render_status(turn),
        _render_evidence(turn),
        _render_foot(turn),
    ]
    running = " data-running" if turn.running else ""
    return (
        f'<section class="cw-turn" id="turn-{turn.number}" data-turn="{turn.number}" data-state="{turn.state}"{running}'
        f' aria-label="Question {turn.number}">{"".join(parts)}</section>'
    )


def _shorten(question: str) -> str:
    """Enough of a question to know it by; one that is too long to be answered may be a whole book."""
    return question if len(question) <= _QUESTION_CHARS else f"{question[:_QUESTION_CHARS]} …"


def _render_asked_as(turn: Turn) -> str:
    asked_as = turn.answer.asked_as if turn.answer else None
    inner = f'Asked as: <bdi class="cw-asked-as">{escape(asked_as)}</bdi>' if asked_as else ""
    return f'<p class="cw-asked">{inner}</p>'


def _render_body(turn: Turn) -> str:
    """The answer itself: what is declined, where sources differ, the claims."""
    if turn.answer is None:
        return "".join(_render_claim(turn, claim) for claim in turn.claims)
    answer = turn.answer
    parts = [_render_lead(answer)]
    apart = {i: conflict for conflict in answer.conflicts for i in conflict.claims}
    shown: list[Conflict] = []
    for i, claim in enumerate(answer.claims):
        conflict = apart.get(i)
        if conflict is None:
            parts.append(_render_claim(turn, claim))
        elif conflict not in shown:
            shown.append(conflict)
            parts.append(_render_conflict(turn, conflict, answer))
    return "".join(parts)


def _render_lead(answer: Answer) -> str:
    if not answer.declined:
        return f'<p class="cw-lead" dir="auto">{escape(answer.lead)}</p>' if answer.lead else ""
    rest = answer.lead.removeprefix(NOT_HERE).strip()
    more = f'<p class="cw-lead" dir="auto">{escape(rest)}</p>' if rest else ""
    return f'<p class="cw-declined">{NOT_HERE}</p>{more}'


def _render_claim(turn: Turn, claim: Claim) -> str:
    kind = "cw-claim cw-verbatim" if claim.verbatim else "cw-claim"
    return f'<p class="{kind}" dir="auto">{_render_words(turn, claim)}</p>'


def _render_words(turn: Turn, claim: Claim) -> str:
    """A claim's words with its marks, which stay on the line of the last word; who says it goes in front."""
    text, marks = claim.text, _render_marks(turn, claim.citations)
    last = text.rstrip().rfind(" ") + 1
    if len(text) - last > _LONG_WORD:
        last = len(text)
    by = f'<span class="cw-by">{escape(claim.attribution)}</span> ' if claim.attribution else ""
    quoted = '<span class="cw-hidden">Quoted from the article: </span>' if claim.verbatim else ""
    tail = f'<span class="cw-tail">{render_range(text, last, len(text))}{marks}</span>'
    return f"{by}{quoted}<span>{render_range(text, 0, last)}</span>{tail}"


def _render_marks(turn: Turn, citations: Iterable[Citation]) -> str:
    return f'<span class="cw-marks">{"".join(_render_mark(turn, c) for c in citations)}</span>'


def _render_mark(turn: Turn, citation: Citation) -> str:
    """The numbered mark behind a claim; its name says where it leads."""
    name = escape_attribute(f"Source {citation.number}: {citation.article.title}")
    return (
        f'<a class="cw-mark" href="{sentence_link(citation.source)}" {_data(citation.source)}'
        f' data-number="{citation.number}" aria-label="{name}" aria-describedby="turn-{turn.number}-source-'
        f'{citation.number}">{citation.number}</a>'
    )


def _render_conflict(turn: Turn, conflict: Conflict, answer: Answer) -> str:
    head = "Sources differ:" if conflict.about else "Sources differ."
    about = f' <span dir="auto">{escape(conflict.about)}</span>' if conflict.about else ""
    positions = "".join(_render_position(turn, answer.claims[i]) for i in conflict.claims)
    return (
        f'<div class="cw-differ" role="group" aria-label="Sources differ"><p class="cw-differ-head">'
        f'<strong>{head}</strong>{about}</p><ul class="cw-positions">{positions}</ul></div>'
    )


def _render_position(turn: Turn, claim: Claim) -> str:
    """One side of a difference, with the articles that take it."""
    articles = {c.article.id: c.article for c in claim.citations}
    names = "".join(f"<li><bdi>{escape(short_name(article))}</bdi></li>" for article in articles.values())
    kind = "cw-verbatim" if claim.verbatim else ""
    return (
        f'<li class="cw-position"><p class="cw-claim {kind}" dir="auto">{_render_words(turn, claim)}</p>'
        f'<ul class="cw-position-articles">{names}</ul></li>'
    )


def _render_status(turn: Turn) -> str:
    """What is going on, while it is."""
    if turn.ahead:
        ahead = "One question is" if turn.ahead == 1 else f"{turn.ahead} questions are"
        words = f"Waiting. {ahead} answered before this one."
    else:
        words = {
            "waiting": "Looking for the closest sentences …",
            "loading": f"Waiting until {turn.llm or 'the language model'} is loaded …",
            "reading": "Reading the question …",
            "answering": "Reading and checking …" if not turn.claims else "Checking for more …",
            "stopped": "Stopped.",
        }.get(turn.state, "")
    if turn.state == "failed":
        again = '<button type="button" class="cw-button" data-act="again">Ask again</button>'
        return (
            f'<p class="cw-status cw-problem" role="alert"><span>{escape(_sentence(turn.problem))}</span> {again}</p>'
        )
    return f'<p class="cw-status" role="status"><span>{words}</span></p>'


def _sentence(clause: str) -> str:
    """An error's message as a sentence: they are written as clauses, to follow a program's name."""
    return clause[:1].upper() + clause[1:] + ("" if clause.endswith((".", "?")) else ".")


def _render_evidence(turn: Turn) -> str:
    """The sentences behind an answer; until there is one, or where there is none, the closest ones."""
    answer = turn.answer
    citations = answer.citations if answer else _numbered(turn.claims)
    sources = ""
    if citations:
        quoted = {c.source.key for claim in turn.claims if claim.verbatim for c in claim.citations[:1]}
        items = "".join(_render_source(turn, c, quoted=c.source.key in quoted) for c in citations)
        sources = f'<h3 class="cw-label">Sources</h3><ol class="cw-sources">{items}</ol>'
    closest = answer.nearest if answer else tuple(hit.sentence for hit in turn.hits)
    if closest and (answer or not citations):
        items = "".join(_render_close(sentence) for sentence in closest)
        sources += f'<h3 class="cw-label">Closest sentences</h3><ul class="cw-sources cw-close">{items}</ul>'
    return f'<div class="cw-evidence">{sources}</div>'


def _numbered(claims: Iterable[Claim]) -> tuple[Citation, ...]:
    numbered = {c.number: c for claim in claims for c in claim.citations}
    return tuple(numbered[n] for n in sorted(numbered))


def _render_source(turn: Turn, citation: Citation, *, quoted: bool) -> str:
    """One cited sentence; its words are only for the card where the answer itself quotes them."""
    kind = "cw-source cw-quoted" if quoted else "cw-source"
    return (
        f'<li class="{kind}" {_data(citation.source)} data-number="{citation.number}">'
        f'<span class="cw-number" aria-hidden="true">{citation.number}</span>'
        f'<div id="turn-{turn.number}-source-{citation.number}">{_render_where(citation.source)}</div></li>'
    )


def _render_close(sentence: Sentence) -> str:
    return f'<li class="cw-source" {_data(sentence)}><div>{_render_where(sentence)}</div></li>'


def _render_where(sentence: Sentence) -> str:
    """A sentence in its article's words, and the article, which opens at it."""
    article = sentence.article
    text = render_range(article.text, sentence.start, sentence.end)
    details = escape(" · ".join(part for part in (article.publisher, article.date, page_name(sentence)) if part))
    return (
        f'<span class="cw-words" dir="auto">{text}</span><a class="cw-where" href="{sentence_link(sentence)}"'
        f' {_data(sentence)}><bdi>{escape(article.title)}</bdi></a><span class="cw-details"><bdi>{details}</bdi></span>'
    )


def _render_foot(turn: Turn) -> str:
    """Time and model of a finished answer, and what can be done with it."""
    if turn.running:
        return '<div class="cw-foot"></div>'
    answer = turn.answer
    facts = [] if answer is None or answer.timings.total is None else [f"{answer.timings.total:.1f} s"]
    facts += [answer.llm] if answer and answer.llm else []
    if turn.articles is not None:
        facts.append(f"{count_articles(len(turn.articles))} asked")
    line = f'<span class="cw-facts">{escape(" · ".join(facts))}</span>' if facts else ""
    actions = "".join(
        f'<button type="button" class="cw-link" data-act="{act}">{name}</button>'
        for act, name in _ACTIONS
        if (turn.outcome or act != "copy") and (turn.state != "failed" or act != "again")  # the problem has its own
    )
    if answer is not None:
        actions += "".join(_render_verdict(verdict, pressed=turn.verdict == verdict) for verdict in get_args(Verdict))
    return f'<div class="cw-foot">{line}<span class="cw-actions">{actions}</span></div>'


def _render_verdict(verdict: str, *, pressed: bool) -> str:
    return (
        f'<button type="button" class="cw-link" data-act="judge" data-verdict="{verdict}"'
        f' title="Kept in a file on this machine" aria-pressed="{str(pressed).lower()}">{verdict.title()}</button>'
    )


_ACTIONS = (("copy", "Copy"), ("edit", "Edit question"), ("again", "Ask again"))


def _data(sentence: Sentence) -> str:
    return f'data-article="{escape_attribute(sentence.article.id)}" data-sentence="{sentence.number}"'
