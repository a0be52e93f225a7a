"""ReportDict -> one HTML page that needs nothing else: no script, no font, no file. Pure; everything is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import cast

from qa.faults import by_kind, failed, faults
from qa.figures import LABELS, FigureDict, Table
from qa.report import HEADLINES, ComparisonDict, QuestionChange, ReportDict
from qa.report_answers import render_result, summary_line
from qa.report_text import PARTS, STAGE_LABELS, measures_of, number, number_with_interval, readable_date, summary

CSS = Path(__file__).parent / "data" / "report.css"
SHOWN = 200  # results of each kind on the page; report.json has them all


def render_html(report: ReportDict) -> str:
    """The report as a page: headline bars, what changed, failures, all figures, the rest, conditions.

    Args:
        report: As `build_report` or `load_report` gives it.

    Returns:
        A whole HTML document.
    """
    body = [
        f"<h1>Evaluation</h1><p class='soft'>{escape(summary(report))}</p>",
        _contents(report),
        *_bars(report),
        *(_compared(report["compared"]) if report["compared"] is not None else ()),
        *_results(report),
        *_figures(report),
        *_times(report),
        *_about(report),
    ]
    style = CSS.read_text(encoding="utf-8")
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Evaluation</title><style>{style}</style></head>\n<body>" + "\n".join(body) + "</body></html>\n"
    )


def _contents(report: ReportDict) -> str:
    """Links to the parts of the page."""
    parts = [("changes", "Changes")] if report["compared"] is not None else []
    parts += [("failures", "Failures"), ("figures", "All figures"), ("about", "How it was measured")]
    missing = ""
    if report["missing"]:
        missing = f"<p>No answer was given for {len(report['missing'])} questions; no figure counts them.</p>"
    return "<nav>" + "".join(f"<a href='#{id_}'>{words}</a>" for id_, words in parts) + f"</nav>{missing}"


def _bars(report: ReportDict) -> Iterator[str]:
    """The headline figures as bars with their intervals: of the questions, of the turns, of retrieval."""
    for part, keys in (
        ("questions", [*HEADLINES, "attribution", "balanced_declining"]),
        ("chats", ["right", "cite_precision", "cite_recall"]),
        ("retrieval", ["r_at_1", "r_at_5", "r_at_10", "mrr", "ndcg_at_10"]),
    ):
        table = cast("dict[str, Table]", report)[part]
        overall = table.get("all", {})
        then = _earlier(report["compared"], part)
        bars = "".join(_bar(key, overall[key], then.get(key)) for key in keys if key in overall)
        if bars:
            yield f"<h2>{PARTS[part]}</h2><div class='bars'>{bars}</div>"
    if report["results"]:
        hollow = "" if report["compared"] is None else "; hollow dots are the earlier report"
        yield f"<p><small>The line through a dot is its 95 % interval by bootstrap over questions{hollow}.</small></p>"


def _earlier(compared: ComparisonDict | None, part: str) -> dict[str, float]:
    """The overall figures of a part that were otherwise in the earlier report."""
    if compared is None:
        return {}
    return {c["measure"]: c["old"] for c in compared["figures"] if c["part"] == part and c["group"] == "all"}


def _bar(key: str, figure: FigureDict, then: float | None) -> str:
    """One figure: label, bar from 0 to 1 with its interval, number; what it was before as a hollow dot."""
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None or low is None or high is None:
        return ""
    less = " <small>(less is better)</small>" if LABELS[key].better < 0 else ""
    words = f"{LABELS[key].label}: {number_with_interval(figure, key)}"
    was = "" if then is None else f"<circle class='then' cx='{then:.2%}' cy='50%' r='4'/>"
    before = "" if then is None else f", was {number(then, key)}"
    return (
        f"<div>{escape(LABELS[key].label)}{less}</div>"
        f"<svg role='img' aria-label='{escape(words)}'>"
        "<rect class='track' width='100%' height='100%' rx='2'/>"
        f"<rect class='fill' width='{value:.2%}' height='100%' rx='2'/>"
        f"<line class='whisker' x1='{low:.2%}' x2='{high:.2%}' y1='50%' y2='50%'/>{was}"
        f"<circle class='point' cx='{value:.2%}' cy='50%' r='4'/></svg>"
        f"<div class='value'>{number(value, key)}</div>"
        f"<small class='num'>{low:.2f} to {high:.2f}, n {figure['n']}{before}</small>"
    )


def _results(report: ReportDict) -> Iterator[str]:
    """Failures in full, then answers whose citations could be better, then the rest, folded."""
    failures = by_kind([result for result in report["results"] if failed(result)])
    flawed = [result for result in report["results"] if not failed(result) and faults(result)]
    well = [result for result in report["results"] if not faults(result)]
    yield f"<h2 id='failures'>Failures <span class='count'>{len(failures)} of {len(report['results'])}</span></h2>"
    kinds = Counter(faults(result)[0].split(":")[0] for result in failures)
    yield f"<p class='soft'>{' · '.join(f'{count} {kind}' for kind, count in kinds.most_common()) or 'None.'}</p>"
    yield from map(render_result, failures[:SHOWN])
    yield _more(len(failures))
    for title, group in (("Right, with citations to improve", flawed), ("All well", well)):
        if group:
            yield f"<h2>{title} <span class='count'>{len(group)}</span></h2>"
            yield from (
                f"<details><summary>{summary_line(result)}</summary>{render_result(result, titled=False)}</details>"
                for result in group[:SHOWN]
            )
            yield _more(len(group))


def _more(count: int) -> str:
    """What the page leaves out."""
    return f"<p class='soft'>{count - SHOWN} more are in report.json.</p>" if count > SHOWN else ""


def _figures(report: ReportDict) -> Iterator[str]:
    """Every figure, overall and by type."""
    yield "<h2 id='figures'>All figures</h2>"
    for part, title in PARTS.items():
        table = cast("dict[str, Table]", report)[part]
        if not table:
            continue
        groups = [group for group in table if group != "all"]
        head = "".join(f"<th scope='col'>{escape(words)}</th>" for words in ("", "all, 95 % interval", "n", *groups))
        rows = "".join(_row(key, table, groups) for key in measures_of(table))
        yield f"<h3>{title}</h3>{_table(head, rows)}"


def _table(head: str, rows: str) -> str:
    """A table that scrolls by itself where the page is narrow."""
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _row(key: str, table: Table, groups: list[str]) -> str:
    """One measure: overall, then each group, its interval on hovering."""
    overall = table["all"][key]
    cells = "".join(_cell(key, table[group].get(key)) for group in groups)
    return (
        f"<tr><th scope='row'>{escape(LABELS[key].label)}</th><td>{number_with_interval(overall, key)}</td>"
        f"<td>{overall['n']}</td>{cells}</tr>"
    )


def _cell(key: str, figure: FigureDict | None) -> str:
    """One group's figure."""
    if figure is None or figure["value"] is None:
        return "<td class='soft'>–</td>"
    low, high = number(figure["low"], key), number(figure["high"], key)
    return f"<td title='{low} to {high}, n {figure['n']}'>{number(figure['value'], key)}</td>"


def _times(report: ReportDict) -> Iterator[str]:
    """Seconds of each stage as bars on one scale from the median to the 95th percentile; tokens as a table."""
    stages = report["latency_s"]
    if stages:
        longest = max(row["max"] for row in stages.values()) or 1.0
        bars = "".join(_stage(stage, row, longest) for stage, row in stages.items())
        yield f"<h2>Seconds from the question</h2><div class='bars'>{bars}</div>"
        yield "<p><small>Dot: median. Line: to the 95th percentile. Bar: longest.</small></p>"
    if report["tokens"]:
        head = "".join(
            f"<th scope='col'>{words}</th>" for words in ("Tokens per answer", "median", "90 %", "95 %", "most")
        )
        rows = "".join(
            f"<tr><th scope='row'>{'read' if way == 'in' else 'written'} by the model</th>"
            + "".join(f"<td>{row[name]:.0f}</td>" for name in ("p50", "p90", "p95", "max"))
            + "</tr>"
            for way, row in report["tokens"].items()
        )
        yield _table(head, rows)


def _stage(stage: str, row: dict[str, float], longest: float) -> str:
    """One stage's times."""
    median, p95, most = (row[name] / longest for name in ("p50", "p95", "max"))
    words = f"{STAGE_LABELS[stage]}: median {row['p50']:.2f}, 95 % within {row['p95']:.2f}, longest {row['max']:.2f}"
    return (
        f"<div>{STAGE_LABELS[stage].capitalize()}</div><svg role='img' aria-label='{words}'>"
        "<rect class='track' width='100%' height='100%' rx='2'/>"
        f"<rect class='fill' width='{most:.2%}' height='100%' rx='2'/>"
        f"<line class='whisker' x1='{median:.2%}' x2='{p95:.2%}' y1='50%' y2='50%'/>"
        f"<circle class='point' cx='{median:.2%}' cy='50%' r='4'/></svg>"
        f"<div class='value'>{row['p50']:.2f} s</div>"
        f"<small class='num'>95 % within {row['p95']:.2f}, longest {row['max']:.2f}</small>"
    )


def _compared(compared: ComparisonDict) -> Iterator[str]:
    """What changed against an earlier report."""
    since = escape(readable_date(compared["date"]) or "an earlier report")
    yield f"<h2 id='changes'>Changes <span class='count'>since {since}</span></h2>"
    rows = "".join(
        f"<tr><th scope='row'>{PARTS[change['part']]}: {escape(LABELS[change['measure']].label)}</th>"
        f"<td>{number(change['old'], change['measure'])}</td><td>{number(change['new'], change['measure'])}</td>"
        f"<td{_direction((change['new'] - change['old']) * LABELS[change['measure']].better)}>"
        f"{_signed(change['new'] - change['old'])}</td></tr>"
        for change in compared["figures"]
        if change["group"] == "all" and change["measure"] in LABELS
    )
    head = "<th></th><th scope='col'>then</th><th scope='col'>now</th><th scope='col'>change</th>"
    for title, changes in (
        ("Worse", compared["worse"]),
        ("Better", compared["better"]),
        ("Other faults than before", compared["otherwise"]),
    ):
        if changes:
            summary_ = f"<summary><b>{title}</b> <span class='count'>{len(changes)}</span></summary>"
            yield f"<details>{summary_}<ul class='changes'>{''.join(_changes(changes))}</ul></details>"
    if rows:
        yield f"<details><summary><b>Figures</b></summary>{_table(head, rows)}</details>"
    else:
        yield "<p>Every figure is as it was.</p>"
    if compared["only_old"] or compared["only_new"]:
        then, now = len(compared["only_old"]), len(compared["only_new"])
        yield f"<p class='soft'>Asked only then: {then}; only now: {now}.</p>"


def _signed(change: float) -> str:
    """A change with its sign."""
    return f"{change:+.2f}".replace("-", "\N{MINUS SIGN}")


def _direction(gain: float) -> str:
    """The class of a change for the better or the worse."""
    return "" if gain == 0 else f" class='{'up' if gain > 0 else 'down'}'"


def _changes(changes: Iterable[QuestionChange]) -> Iterator[str]:
    """Questions that changed, with their faults then and now."""
    for change in changes:
        old, new = (escape("; ".join(change[when]) or "all well") for when in ("old", "new"))
        question = escape(change["question"])
        yield f"<li>{question} <small>{escape(change['id'])}</small><br><span class='soft'>{old} → {new}</span></li>"


def _about(report: ReportDict) -> Iterator[str]:
    """The conditions, as a list of names and values."""
    yield "<h2 id='about'>How it was measured</h2><dl>"
    for name, value in report["about"].items():
        if isinstance(value, dict):
            words = "<br>".join(f"{escape(str(key))}: {_value(item)}" for key, item in value.items()) or "–"
        else:
            words = escape(str(value))
        yield f"<dt>{escape(name)}</dt><dd>{words}</dd>"
    yield "</dl>"


def _value(item: object) -> str:
    """A value inside a group; a group inside that in one line."""
    if isinstance(item, dict):
        return (
            "; ".join(f"{escape(str(key))} {escape(str(value))}" for key, value in item.items()) or "not in models.txt"
        )
    return escape(str(item))
