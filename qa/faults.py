"""A result in report.json -> what is wrong with it, in words a reader of the report understands. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from qa.report import ResultDict
from qa.scores import VerdictDict

UNSUPPORTED = "figure, date or quotation not in its sentence"
KINDS = ("failed", UNSUPPORTED, "should have been declined", "answer wrong or incomplete", "position not cited")


def faults(result: ResultDict) -> tuple[str, ...]:
    """What is wrong with an answer, worst first, in a few words each; empty if nothing is."""
    verdict, ranked = result["verdict"], result["retrieval"]
    if verdict is None:
        return () if ranked is None or ranked["r_at_10"] == 1 else ("not among the first 10",)
    if verdict["failed"]:
        return (f"failed: {result['error']}",)
    found = [UNSUPPORTED] if any(verdict["loose"]) else []
    if result["type"] == "unanswerable":
        found += [] if verdict["declined"] else ["should have been declined"]
    elif verdict["declined"]:
        found.append("wrongly declined")
    elif not verdict["correct"]:
        found.append("answer wrong or incomplete")
    found += _citation_faults(result, verdict)
    return tuple(found)


def _citation_faults(result: ResultDict, verdict: VerdictDict) -> list[str]:
    """What is wrong with the citations of a question that has an answer."""
    if result["type"] == "unanswerable" or verdict["declined"]:
        return []
    found = []
    if verdict["missed"]:
        shortfall = "position not cited" if result["type"] == "conflict" else "needed sentence not cited"
        found.append(shortfall)
    if verdict["wrong"] and result["gold"]:
        found.append("cites a sentence that is not gold")
    return found


def failed(result: ResultDict) -> bool:
    """Whether a result belongs to the failures, not merely to those whose citations could be better."""
    verdict = result["verdict"]
    if verdict is None:
        return bool(faults(result))
    return not verdict["right"] or verdict["all_positions"] is False or any(verdict["loose"])


def by_kind(results: Sequence[ResultDict]) -> list[ResultDict]:
    """Failures with what misleads a reader most first, then in the order of the questions."""

    def weight(result: ResultDict) -> int:
        worst = faults(result)[0].split(":")[0]
        return KINDS.index(worst) if worst in KINDS else len(KINDS)

    return sorted(results, key=weight)
