"""One result -> HTML: the question, what was answered and cited, and what should have been. Pure; all is escaped."""

from __future__ import annotations

from html import escape

from qa.faults import faults
from qa.metrics import Quote, same_sentence
from qa.report import ResultDict


def summary_line(result: ResultDict) -> str:
    """A result on one line, for what is folded away."""
    found = "; ".join(faults(result))
    note = f", {escape(found)}" if found else ""
    return (
        f"{escape(result['question'])} <span class='tag'>{escape(result['id'])}, {escape(result['type'])}{note}</span>"
    )


def render_result(result: ResultDict, *, titled: bool = True) -> str:
    """A result in full, in two columns: as answered, and as wanted.

    Args:
        result: One of `report["results"]`.
        titled: Begin with the question; not where a summary line has just said it.

    Returns:
        An <article>.
    """
    title = f"<h3>{escape(result['question'])}</h3>" if titled else ""
    asked_as = result["answer"].get("asked_as") if result["answer"] else None
    rewritten = f"<p class='soft'>asked as: {escape(str(asked_as))}</p>" if asked_as else ""
    tag = f"<span class='tag'>{escape(result['id'])}, {escape(result['type'])}</span>"
    found = escape("; ".join(faults(result)))
    line = f"<p class='faults'>{found} {tag}</p>" if titled else ""
    return f"<article>{title}{line}{rewritten}<div class='sides'>{_answered(result)}{_wanted(result)}</div></article>"


def _answered(result: ResultDict) -> str:
    """The answer with the sentences it cites, each marked as gold or not."""
    answer, verdict, ranked = result["answer"], result["verdict"], result["retrieval"]
    parts = []
    if answer is not None and verdict is not None:
        said = f"<p class='said'>{escape(answer['text']) or '<i>no text</i>'}</p>"
        loose = [word for words in verdict["loose"] for word in words]
        if loose:
            marks = ", ".join(f"<mark>{escape(word)}</mark>" for word in loose)
            said += f"<p>Not in the sentences cited: {marks}</p>"
        known = bool(result["gold"])
        cited = "".join(
            _quote(
                f"[{citation['number']}] {citation.get('title') or citation['article']}",
                citation["text"],
                kind="other" if not known else "miss" if citation["number"] in verdict["wrong"] else "hit",
            )
            for citation in answer["citations"]
        )
        nearest = ""
        if answer["declined"] and not cited:
            nearest = "".join(
                _quote(f"nearest: {item['title']}", item["text"], kind="other") for item in answer["nearest"]
            )
        parts.append(f"{said}<ul class='quotes'>{cited}{nearest}</ul>")
    elif result["error"] is not None:
        parts.append("<p class='said'>No answer.</p>")
    if ranked is not None:
        place = "not among the first 10" if ranked["first"] is None else f"in place {ranked['first']}"
        unfindable = "" if ranked["findable"] else "; a gold sentence is not in the index"
        parts.append(f"<p class='soft'>Retrieval: first gold sentence {place}{unfindable}.</p>")
    return f"<div><h4>{'Found' if verdict is None else 'Answered'}</h4>{''.join(parts)}</div>"


def _wanted(result: ResultDict) -> str:
    """What a right answer says and cites, with what was missed."""
    if result["type"] == "unanswerable":
        return "<div><h4>Wanted</h4><p class='said'>To decline: the articles do not answer this.</p></div>"
    verdict = result["verdict"]
    said = f"<p class='said'>{escape(' / '.join(result['answers'])) or '–'}</p>"
    groups = [result["must_contain"][n] for n in verdict["missing_words"]] if verdict else []
    if groups and verdict and not verdict["declined"] and result["answer"] is not None:
        said += "".join(f"<p>Not in the answer: <mark>{escape(', '.join(group))}</mark></p>" for group in groups)
    needed = {n for choices in result["required"] for n in choices}
    items = "".join(
        _quote(_place(result, n), quote["sentence"], kind=_found(result, n))
        for n, quote in enumerate(result["gold"])
        if n in needed
    )
    return f"<div><h4>Wanted</h4>{said}<ul class='quotes'>{items}</ul></div>"


def _place(result: ResultDict, n: int) -> str:
    """Where a gold sentence stands, and which set it belongs to if there are several."""
    sets = [str(number) for number, choices in enumerate(result["required"], start=1) if n in choices]
    several = f"needed {' and '.join(sets)} of {len(result['required'])}: " if len(result["required"]) > 1 else ""
    return several + result["gold"][n]["article"]


def _found(result: ResultDict, n: int) -> str:
    """Whether a gold sentence was cited: a hit; a miss if its set lacks any; else only another choice."""
    gold = Quote(result["gold"][n]["article"], result["gold"][n]["sentence"])
    answer, verdict = result["answer"], result["verdict"]
    if answer is not None and any(same_sentence(Quote(c["article"], c["text"]), gold) for c in answer["citations"]):
        return "hit"
    if verdict is None or answer is None:
        return "other"
    return "miss" if any(n in result["required"][number] for number in verdict["missed"]) else "other"


def _quote(where: str, text: str, *, kind: str) -> str:
    """A sentence with its place above it, marked by sign and colour."""
    words = {"hit": "gold", "miss": "not gold", "other": ""}[kind]
    label = f" aria-label='{words}'" if words else ""
    return f"<li class='{kind}'{label}><span class='where'>{escape(where)}</span>{escape(text)}</li>"
