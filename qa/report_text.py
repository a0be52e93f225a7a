"""ReportDict -> Markdown that reads well in a terminal; and the words both this and the page use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from qa.answer import one_line
from qa.faults import by_kind, failed, faults
from qa.figures import LABELS, FigureDict, Table
from qa.report import ComparisonDict, QuestionChange, ReportDict

PARTS = {
    "questions": "Questions on their own",
    "chats": "Turns of conversations",
    "retrieval": "Retrieval alone, single sentences",
}
STAGE_LABELS = {
    "retrieve": "sentences found",
    "first_quote": "first quotation shown",
    "first_claim": "first claim shown",
    "total": "answer finished",
}
SHOWN = 60  # failures listed; report.json has them all


def number(value: float | None, measure: str) -> str:
    """A figure as a reader sees it: a count, or a share to two places; a dash where nothing was counted."""
    if value is None:
        return "–"
    return f"{value:.0f}" if LABELS[measure].count else f"{value:.2f}"


def number_with_interval(figure: FigureDict, measure: str) -> str:
    """`0.87 (0.78 to 0.95)`; a count is set against how many there are."""
    value = number(figure["value"], measure)
    if figure["value"] is None:
        return value
    if LABELS[measure].count:
        return f"{value} of {figure['n']}"
    return f"{value} ({number(figure['low'], measure)} to {number(figure['high'], measure)})"


def measures_of(table: Table) -> list[str]:
    """The measures that count something in any group, in the order of LABELS."""
    return [key for key in LABELS if any(row.get(key, {"n": 0})["n"] for row in table.values())]


def summary(report: ReportDict) -> str:
    """One line: how many questions, which models, when, how long it took."""
    about, results = report["about"], report["results"]
    turns = sum(result["chat"] is not None for result in results)
    parts = [f"{len(results) - turns} questions"]
    if turns:
        parts.append(f"{len({result['chat'] for result in results} - {None})} conversations of {turns} turns")
    parts += list(cast("dict[str, object]", about.get("models", {})))
    parts += [readable_date(str(about["date"]))] if "date" in about else []
    parts += [f"{float(str(about['seconds'])):.0f} s"] if "seconds" in about else []
    return " · ".join(parts)


def readable_date(date: str) -> str:
    """`2026-11-21T11:16:05+00:00` as `2026-11-21 11:16 UTC`."""
    return f"{date[:10]} {date[11:16]} UTC" if date.endswith("+00:00") else date


def render_markdown(report: ReportDict) -> str:
    """The whole report as Markdown: figures, what changed, failures.

    Args:
        report: As `build_report` or `load_report` gives it.

    Returns:
        Markdown text, ending in a newline.
    """
    lines = ["# Evaluation", "", summary(report), ""]
    if report["missing"]:
        lines += [f"No answer was given for {len(report['missing'])} questions; no figure counts them.", ""]
    for part, title in PARTS.items():
        table = cast("dict[str, Table]", report)[part]
        if table:
            lines += [f"## {title}", "", *_table(table), ""]
    lines += _times(report)
    if report["compared"] is not None:
        lines += _compared(report["compared"])
    lines += _failures(report)
    return "\n".join(lines).rstrip() + "\n"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table with columns padded to one width: the first to the left, numbers to the right."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for place, row in enumerate(cells):
        padded = [
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"| {' | '.join(padded)} |"
        if place == 0:
            yield f"| {' | '.join(('-' * (width - 1) + ':') if n else '-' * width for n, width in enumerate(widths))} |"


def _table(table: Table) -> Iterator[str]:
    """All measures of a part: overall with the interval, then by group."""
    groups = [group for group in table if group != "all"]
    yield from _rows(
        ["", "all (95 % interval)", "n", *groups],
        (
            [
                LABELS[key].label,
                number_with_interval(table["all"][key], key),
                str(table["all"][key]["n"]),
                *(number(table[group][key]["value"] if key in table[group] else None, key) for group in groups),
            ]
            for key in measures_of(table)
        ),
    )


def _times(report: ReportDict) -> list[str]:
    """Seconds of each stage, and tokens."""
    lines: list[str] = []
    if report["latency_s"]:
        lines += ["## Seconds from the question", ""]
        rows = ([STAGE_LABELS[stage], *_percents(row, "{:.2f}")] for stage, row in report["latency_s"].items())
        lines += [*_rows(["", "median", "90 %", "95 %", "longest", "n"], rows), ""]
    if report["tokens"]:
        lines += ["## Tokens per answer", ""]
        words = {"in": "read by the model", "out": "written by the model"}
        rows = ([words[way], *_percents(row, "{:.0f}")] for way, row in report["tokens"].items())
        lines += [*_rows(["", "median", "90 %", "95 %", "most", "n"], rows), ""]
    return lines


def _percents(row: dict[str, float], form: str) -> list[str]:
    """The percentiles of one row, and how many values they are of."""
    return [*(form.format(row[name]) for name in ("p50", "p90", "p95", "max")), f"{row['n']:.0f}"]


def _compared(compared: ComparisonDict) -> list[str]:
    """What became better and worse."""
    lines = [f"## Against the report of {readable_date(compared['date']) or 'unknown date'}", ""]
    rows = [
        [
            f"{PARTS[change['part']]}: {LABELS[change['measure']].label}",
            number(change["old"], change["measure"]),
            number(change["new"], change["measure"]),
            f"{change['new'] - change['old']:+.2f}",
        ]
        for change in compared["figures"]
        if change["group"] == "all" and change["measure"] in LABELS
    ]
    lines += [*_rows(["", "then", "now", "change"], rows), ""] if rows else ["Every figure is as it was.", ""]
    for title, changes in (
        ("Better", compared["better"]),
        ("Worse", compared["worse"]),
        ("Other faults than before", compared["otherwise"]),
    ):
        if changes:
            lines += [f"### {title}: {len(changes)}", "", *map(_change, changes), ""]
    if compared["only_old"] or compared["only_new"]:
        lines += [f"Asked only then: {len(compared['only_old'])}; only now: {len(compared['only_new'])}.", ""]
    return lines


def _change(change: QuestionChange) -> str:
    """One question's change on a line."""
    old, new = ("; ".join(change[when]) or "all well" for when in ("old", "new"))
    return f"- {change['id']}: {one_line(change['question'])} ({old} -> {new})"


def _failures(report: ReportDict) -> list[str]:
    """The questions that went wrong, with the answer and what was missed."""
    failures = by_kind([result for result in report["results"] if failed(result)])
    lines = [f"## Failures: {len(failures)} of {len(report['results'])}", ""]
    for result in failures[:SHOWN]:
        lines += [f"- **{result['id']}** ({result['type']}) {one_line(result['question'])}"]
        lines += [f"  - {'; '.join(faults(result))}"]
        if result["answer"] is not None:
            lines += [f"  - answered: {one_line(result['answer']['text'])}"]
        if result["answers"]:
            lines += [f"  - wanted: {' / '.join(result['answers'])}"]
    if len(failures) > SHOWN:
        lines += ["", f"{len(failures) - SHOWN} more are in report.json."]
    return lines
