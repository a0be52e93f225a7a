"""Answers to files that can be taken along: Markdown, HTML, JSON, a table, and plain text with footnotes (pure).

Every cited sentence goes along with what its article states of itself and where it stands, so that a reader without
the articles can check. Article text is text in each format: markup in it is escaped, and no cell is what a spreadsheet
takes for a formula. Only JSON holds control characters as they are; elsewhere their code points are shown.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.article import Sentence
from qa.answer import Answer, Citation, Claim, place_label
from ui.links import full_name, original_link, page_name
from ui.prose import escape, escape_attribute, render_range, visible

_STYLE = Path(__file__).parent / "assets" / "export.css"
_COLUMNS = (
    "question", "claim", "said by", "verbatim", "mark", "sentence", "article", "outlet", "author", "date", "page",
    "address", "article id", "sentence number", "start", "end",
)  # fmt: skip
# Source: OWASP, CSV Injection. The wide forms are what some spreadsheets make of them.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
_IN_MARKDOWN = {ord(c): f"\\{c}" for c in "\\`*_[]#|~$^"} | {ord(c): html.escape(c) for c in "<>&"}
_AT_LINE_START = re.compile(r"^(\s*)([-+=:]|\d+(?=[.)]))")
_BARE_LINK = re.compile(r"(:)(?=//)|(?<=www)(\.)|(@)")


@dataclass(frozen=True, slots=True)
class Format:
    """One way to take answers along.

    Attributes:
        suffix: Of the file's name, with its dot.
        media_type: What browsers call it.
        title: What the page's menu calls it.
        render: Answers, in order -> the whole file.
    """

    suffix: str
    media_type: str
    title: str
    render: Callable[[Sequence[Answer]], str]


def to_text(answer: Answer) -> str:
    """One answer in plain text: the claims with [n] marks, then each cited sentence and its article."""
    lines = [_differ(conflict.about) for conflict in answer.conflicts]
    lines += [answer.lead] if answer.lead else []
    lines += [_one_line(claim.marked_text) for claim in answer.claims]
    if answer.citations:
        lines.append("")
    lines += [f"[{c.number}] {_quoted(c.source)} ({_plain_where(c.source)})" for c in answer.citations]
    if answer.nearest:
        lines += ["", "Closest sentences:"]
    lines += [f"- {_quoted(sentence)} ({_plain_where(sentence)})" for sentence in answer.nearest]
    return visible("\n".join(lines))


def to_markdown(answers: Sequence[Answer]) -> str:
    """A conversation as Markdown with footnotes.

    Args:
        answers: In the order of their questions.

    Returns:
        CommonMark with the footnotes that GitHub and Pandoc know; empty for no answers.
    """
    return "".join(_markdown(answer, number) for number, answer in enumerate(answers, 1))


def _markdown(answer: Answer, number: int) -> str:
    parts = [f"## {_md(answer.question)}"]
    parts += [f"*Asked as:* {_md(answer.asked_as)}"] if answer.asked_as else []
    parts += [f"**{_md(_differ(conflict.about))}**" for conflict in answer.conflicts]
    parts += [_md(answer.lead)] if answer.lead else []
    for claim in answer.claims:
        marks = "".join(f"[^{number}-{c.number}]" for c in claim.citations)
        text = _md(claim.attributed_text)
        parts.append(f"> {text}{marks}" if claim.verbatim else f"{text}{marks}")
    if answer.nearest:
        parts.append("Closest sentences:")
        parts.append("\n".join(f"- {_md_source(sentence)}" for sentence in answer.nearest))
    parts += [f"[^{number}-{c.number}]: {_md_source(c.source)}" for c in answer.citations]
    parts += [f"*{_md(facts)}*"] if (facts := _facts(answer)) else []
    return "\n\n".join(parts) + "\n\n"


def _md(text: str) -> str:
    """Text as Markdown that shows just that text, on one line."""
    line = _one_line(visible(text)).translate(_IN_MARKDOWN)
    line = _BARE_LINK.sub(lambda match: f"\\{match[0]}", line)
    return _AT_LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if not m[2].isdigit() else f"{m[1]}{m[2]}\\", line)


def _md_source(sentence: Sentence) -> str:
    link = original_link(sentence.article, sentence.text)
    address = f" [Open original](<{html.escape(link.translate(_ANGLES))}>)" if link else ""
    return f"“{_md(sentence.text)}” — {_md(full_name(sentence.article))}.{address} {_md(_place(sentence))}"


_ANGLES = {ord("<"): "%3C", ord(">"): "%3E", ord("\\"): "%5C", ord("\n"): "", ord("\r"): ""}


def to_html(answers: Sequence[Answer]) -> str:
    """A conversation as one web page that needs nothing else.

    Args:
        answers: In the order of their questions.

    Returns:
        HTML without scripts; its policy forbids the browser to load anything.
    """
    inner = "".join(_html(answer, number) for number, answer in enumerate(answers, 1))
    style = _STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Questions and cited answers</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>Questions and cited answers</h1>\n{inner}</main>\n</body>\n</html>\n"
    )


def _html(answer: Answer, number: int) -> str:
    parts = [f'<h2 dir="auto">{escape(answer.question)}</h2>']
    parts += [f'<p class="quiet">Asked as: <bdi>{escape(answer.asked_as)}</bdi></p>'] if answer.asked_as else []
    parts += [f'<p dir="auto"><strong>{escape(_differ(conflict.about))}</strong></p>' for conflict in answer.conflicts]
    parts += [f'<p dir="auto">{escape(answer.lead)}</p>'] if answer.lead else []
    parts += [_html_claim(claim, number) for claim in answer.claims]
    if answer.citations:
        items = "".join(
            f'<li id="a{number}-{c.number}" value="{c.number}">{_html_source(c.source)}</li>' for c in answer.citations
        )
        parts.append(f"<h3>Sources</h3><ol>{items}</ol>")
    if answer.nearest:
        items = "".join(f"<li>{_html_source(sentence)}</li>" for sentence in answer.nearest)
        parts.append(f"<h3>Closest sentences</h3><ul>{items}</ul>")
    parts.append(f'<p class="quiet">{escape(_facts(answer))}</p>')
    return f"<section>{''.join(parts)}</section>\n"


def _html_claim(claim: Claim, number: int) -> str:
    marks = "".join(f'<sup><a href="#a{number}-{c.number}">{c.number}</a></sup>' for c in claim.citations)
    said_by = f"{escape(claim.attribution)} " if claim.attribution else ""
    kind = ' class="verbatim"' if claim.verbatim else ""
    return f'<p dir="auto"{kind}>{said_by}{render_range(claim.text, 0, len(claim.text))}{marks}</p>'


def _html_source(sentence: Sentence) -> str:
    article = sentence.article
    link = original_link(article, sentence.text)
    address = f' <a href="{escape_attribute(link)}" rel="noopener noreferrer">Open original</a>' if link else ""
    return (
        f'<blockquote dir="auto">{render_range(article.text, sentence.start, sentence.end)}</blockquote>'
        f'<p class="quiet"><bdi>{escape(full_name(article))}</bdi>.{address} {escape(_place(sentence))}</p>'
    )


def to_json(answers: Sequence[Answer]) -> str:
    """The list of the answers' dicts, as `citewell ask --json` gives each."""
    text = json.dumps([answer.to_dict() for answer in answers], ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"  # half a surrogate pair: \udXXX


def to_csv(answers: Sequence[Answer]) -> str:
    """A table for an editor to check: a row for each claim and each sentence it cites.

    Args:
        answers: In the order of their questions.

    Returns:
        CSV with a byte-order mark, so that spreadsheets read it as UTF-8. What is declined without a claim has one row.
    """
    out = io.StringIO()
    out.write("\ufeff")
    table = csv.writer(out, quoting=csv.QUOTE_ALL)
    table.writerow(_COLUMNS)
    for answer in answers:
        table.writerows([_cell(value) for value in row] for row in _rows(answer))
    return out.getvalue()


def _rows(answer: Answer) -> Iterator[tuple[object, ...]]:
    if not answer.claims:
        yield answer.question, answer.lead, *("" for _ in _COLUMNS[2:])
    for claim in answer.claims:
        for citation in claim.citations:
            yield answer.question, claim.text, claim.said_by, claim.verbatim, *_cited(citation)


def _cited(citation: Citation) -> tuple[object, ...]:
    article = citation.article
    stated = (article.title, article.publisher, article.author, article.date)
    address = original_link(article, citation.text)
    place = (article.id, citation.sentence, citation.start, citation.end)
    return citation.number, citation.text, *stated, citation.source.page, address, *place


def _cell(value: object) -> str:
    """A value as a spreadsheet shows it and never runs it."""
    if value is None or isinstance(value, bool):
        return "yes" if value else ""
    text = visible(str(value))
    return f"'{text}" if _FORMULA.match(text) else text


FORMATS: dict[str, Format] = {
    "markdown": Format(".md", "text/markdown", "Markdown", to_markdown),
    "html": Format(".html", "text/html", "Web page (HTML)", to_html),
    "csv": Format(".csv", "text/csv", "Table to check (CSV)", to_csv),
    "json": Format(".json", "application/json", "JSON", to_json),
}


def _differ(about: str) -> str:
    return f"Sources differ: {_one_line(about)}" if about else "Sources differ."


def _quoted(sentence: Sentence) -> str:
    return f"“{_one_line(sentence.text)}”"


def _plain_where(sentence: Sentence) -> str:
    link = original_link(sentence.article, sentence.text)
    return ", ".join(part for part in (full_name(sentence.article), page_name(sentence), link) if part)


def _place(sentence: Sentence) -> str:
    """Where a sentence stands, for whoever has the articles."""
    return f"{sentence.article.id}, {place_label(sentence)}, characters {sentence.start} to {sentence.end}."


def _facts(answer: Answer) -> str:
    total = answer.timings.total
    facts = [f"Answered by {answer.llm}"] if answer.llm else []
    return " ".join([*facts, *([f"in {total:.1f} s"] if facts and total is not None else [])])


def _one_line(text: str) -> str:
    return " ".join(text.split())
