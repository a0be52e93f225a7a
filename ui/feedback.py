"""'Right' and 'wrong', said of answers: kept in a file on this machine, which `citewell eval` reads as questions.

A right answer is a question whose cited sentences are its gold; a right refusal is an unanswerable question. Of a wrong
answer only the question is known: `citewell eval` passes over it until someone writes the right answer into its line.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Literal, TypedDict

from index.errors import SettingsError
from qa.answer import Answer

Verdict = Literal["right", "wrong"]


class Gold(TypedDict):
    """A sentence that may be cited."""

    article: str
    sentence: str


class Judged(TypedDict, total=False):
    """A line of the file: a question of docs/evaluation.md, with what was said of its answer."""

    id: str
    question: str
    verdict: Verdict
    type: str
    gold: list[Gold]
    note: str


def judged(answer: Answer, verdict: Verdict, *, key: str) -> Judged:
    """What is kept of an answer.

    Args:
        answer: The answer as it was shown.
        verdict: What the reader said of it.
        key: The line's id.

    Returns:
        A JSON object; a follow-up is kept as it was understood.
    """
    line = Judged(id=key, question=answer.asked_as or answer.question, verdict=verdict, note=answer.text)
    if verdict == "right" and answer.claims:
        line["type"] = "multi" if len({c.article.id for c in answer.citations}) > 1 else "single"
        line["gold"] = [Gold(article=c.article.id, sentence=c.text) for c in answer.citations]
    elif verdict == "right":
        line["type"] = "unanswerable"
    return line


class Feedback:
    """The file.

    Args:
        path: JSON lines; made with the first verdict.
    """

    _writing = threading.Lock()

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, line: Judged) -> None:
        """Keep a line, in place of an earlier one of the same id."""
        with self._writing:
            self._write([*self._others(line["id"]), json.dumps(line)])

    def drop(self, key: str) -> None:
        """Forget the line of an id, if there is one."""
        with self._writing:
            self._write(self._others(key))

    def _others(self, key: str) -> list[str]:
        """The file's lines but for those of an id; lines written by hand stay as they are."""
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n") if self.path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{self.path}: cannot be read ({error}); move the file away") from error
        return [line for line in lines if line.strip() and f'"id": {json.dumps(key)}' not in line]

    def _write(self, lines: list[str]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part = self.path.with_name(self.path.name + ".part")
            part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            part.replace(self.path)
        except OSError as error:
            raise SettingsError(f"{self.path}: cannot be written ({error.strerror})") from error
