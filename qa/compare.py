"""Two reports -> what became better and what worse, figure by figure and question by question. Pure."""

from __future__ import annotations

from qa.faults import faults
from qa.report import ComparisonDict, FigureChange, QuestionChange, ReportDict, ResultDict

State = tuple[float, ...]  # of two states of one question, the larger is the better


def compare(old: ReportDict, new: ReportDict) -> ComparisonDict:
    """Compare two reports over the same, or overlapping, questions.

    Args:
        old: The earlier report.
        new: The later one.

    Returns:
        The changes. A question is better if it became right, or stayed as it was while more positions, cited sets or
        matching citations came in, or fewer unsupported figures; worse the other way round.
    """
    before = {result["id"]: result for result in old["results"]}
    after = {result["id"]: result for result in new["results"]}
    better, worse, otherwise = [], [], []
    for id_, result in after.items():
        if id_ not in before:
            continue
        then, now = _state(before[id_]), _state(result)
        change = QuestionChange(
            id=id_, question=result["question"], old=list(faults(before[id_])), new=list(faults(result))
        )
        if now > then:
            better.append(change)
        elif now < then:
            worse.append(change)
        elif change["old"] != change["new"]:
            otherwise.append(change)
    return ComparisonDict(
        date=str(old["about"].get("date", "")),
        figures=_figure_changes(old, new),
        better=better,
        worse=worse,
        otherwise=otherwise,
        only_old=[id_ for id_ in before if id_ not in after],
        only_new=[id_ for id_ in after if id_ not in before],
    )


def _state(result: ResultDict) -> State:
    """How good a result is: right or not first, then positions, loose claims, citations, place in retrieval."""
    verdict, ranked = result["verdict"], result["retrieval"]
    found = () if ranked is None else (ranked["r_at_10"], ranked["r_at_5"], ranked["r_at_1"], ranked["rr"])
    if verdict is None:
        return found
    cited: State = ()
    if result["type"] != "unanswerable":
        cited = (verdict["cite_recall"] or 0.0, -1.0 * len(verdict["wrong"]))
    loose = -1.0 * sum(map(bool, verdict["loose"]))
    return (float(verdict["right"]), float(verdict["all_positions"] or 0), loose, *cited)


def _figure_changes(old: ReportDict, new: ReportDict) -> list[FigureChange]:
    """Every figure that both reports have and that differs."""
    changes = []
    tables = {part: (old[part], new[part]) for part in ("questions", "chats", "retrieval")}
    for part, (then, now) in tables.items():
        for group, row in now.items():
            for measure, figure in row.items():
                earlier = then.get(group, {}).get(measure)
                if earlier is None or earlier["value"] is None or figure["value"] is None:
                    continue
                if earlier["value"] != figure["value"]:
                    changes.append(
                        FigureChange(part=part, group=group, measure=measure, old=earlier["value"], new=figure["value"])
                    )
    return changes
