"""Question files: what is asked, and what a right answer says and cites. docs/evaluation.md describes the format.

A file holds one JSON object a line, a question or a conversation (`turns`), in any order. SQuAD's own JSON is read by
`qa.squad`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import QuestionError
from qa.metrics import Quote

TYPES = ("single", "multi", "conflict", "attribution", "unanswerable")
_SAYS_WHAT_IS_RIGHT = {"type", "answers", "gold", "must_contain"}  # a judged line without any is yet to be completed
DATA = Path(__file__).parent / "data"
DEFAULT_FILES = (DATA / "seeds.jsonl", DATA / "seeds_chat.jsonl")  # about the sample articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with all it takes to judge an answer.

    Attributes:
        id: Its own id; a turn has `<conversation>#<turn from 1>`.
        question: What the user types.
        type: One of TYPES.
        answers: Short right answers, for readers of the report.
        gold: The sentences that may be cited.
        required: Sets of indices into gold; one sentence of each set must be cited.
        must_contain: Groups of alternatives; the answer holds at least one of each.
        note: For readers.
        chat: The conversation it belongs to, None for a question on its own.
        turn: Its place in the conversation, from 0.
    """

    id: str
    question: str
    type: str = "single"
    answers: tuple[str, ...] = ()
    gold: tuple[Quote, ...] = ()
    required: tuple[tuple[int, ...], ...] = ()
    must_contain: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    chat: str | None = None
    turn: int = 0

    @property
    def answerable(self) -> bool:
        """Whether the articles answer it; if not, declining is right."""
        return self.type != "unanswerable"

    @property
    def unit(self) -> str:
        """What was drawn independently: the conversation, or the question itself."""
        return self.chat or self.id


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions on their own, and conversations as tuples of turns; both in file order."""

    questions: tuple[Question, ...]
    chats: tuple[tuple[Question, ...], ...] = ()

    @property
    def all(self) -> tuple[Question, ...]:
        """Every question, then every turn."""
        return (*self.questions, *(turn for chat in self.chats for turn in chat))


def load_default() -> QuestionSet:
    """The questions over `seeds/` that ship with citewell."""
    return load_questions(DEFAULT_FILES)


def load_questions(paths: Sequence[Path]) -> QuestionSet:
    """Read files of questions and conversations.

    Args:
        paths: JSONL files, read as if they were one.

    Returns:
        What they hold.

    Raises:
        QuestionError: A file cannot be read, a line is not as wanted, an id is used twice, or there are no questions.
    """
    questions: list[Question] = []
    chats: list[tuple[Question, ...]] = []
    for path in paths:
        for number, line in enumerate(read_text(path).split("\n"), start=1):
            if not line.strip():
                continue
            record = Record(f"{path}, line {number}", parse_object(f"{path}, line {number}", line))
            if record.values.get("verdict") == "wrong" and not _SAYS_WHAT_IS_RIGHT & set(record.values):
                continue  # what is right is not known yet
            if "turns" in record.values:
                chats.append(_chat(record, default_id=f"line-{number}"))
            else:
                questions.append(_question(record, default_id=f"line-{number}"))
    if not questions and not chats:
        raise QuestionError(f"{', '.join(map(str, paths))}: no questions in it; wanted one JSON object a line")
    _check_ids([*(question.id for question in questions), *(chat[0].unit for chat in chats)], paths)
    return QuestionSet(tuple(questions), tuple(chats))


def sample(questions: QuestionSet, *, size: int, seed: int) -> QuestionSet:
    """Draw questions, half answerable and half not; conversations are left out.

    `random.Random(seed)` first samples (size + 1) // 2 answerable questions, then size // 2 unanswerable ones, each
    from all of its kind in file order (all of them if there are fewer); what is drawn keeps the file's order.

    Args:
        questions: Where to draw from.
        size: How many questions; at least 1.
        seed: The same seed draws the same questions.

    Returns:
        At most `size` questions.

    Raises:
        QuestionError: size is below 1.
    """
    if size < 1:
        raise QuestionError(f"a sample of {size} questions: wanted at least 1")
    rng = random.Random(seed)  # noqa: S311 - no secret
    drawn: set[str] = set()
    for wanted, answerable in (((size + 1) // 2, True), (size // 2, False)):
        ids = [question.id for question in questions.questions if question.answerable is answerable]
        drawn.update(rng.sample(ids, min(wanted, len(ids))))
    return QuestionSet(tuple(question for question in questions.questions if question.id in drawn))


def read_text(path: Path) -> str:
    """A UTF-8 file, with or without BOM, or the error for a file of questions."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path}: cannot be read as a file of questions in UTF-8: {error}") from error


def parse_object(where: str, text: str) -> dict[str, object]:
    """A text that holds one JSON object, or the error that says where it does not."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise QuestionError(f"{where}: no JSON ({error}); wanted a JSON object") from error
    if not isinstance(values, dict):
        raise QuestionError(f"{where}: found {_kind(values)}; wanted a JSON object")
    return values


def _check_ids(ids: Sequence[str], paths: Sequence[Path]) -> None:
    """Each id once, else answers could not be told apart."""
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise QuestionError(f"{', '.join(map(str, paths))}: the id {id_!r} is used twice; wanted one per question")
        seen.add(id_)


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON object and where it stands, for messages."""

    where: str
    values: dict[str, object]

    def fail(self, key: str, wanted: str) -> QuestionError:
        """The error for a field that is missing or not as wanted."""
        found = _kind(self.values[key]) if key in self.values else "nothing"
        return QuestionError(f"{self.where}: {key!r} is {found}; wanted {wanted}")

    def text(self, key: str, default: str | None = None) -> str:
        """A string field, not blank unless that is the default."""
        value = self.values.get(key, default)
        if isinstance(value, str) and (value.strip() or value == default):
            return value
        raise self.fail(key, "words")

    def items(self, key: str) -> list[object]:
        """A list field; empty if it is missing."""
        value = self.values.get(key, [])
        if isinstance(value, list):
            return value
        raise self.fail(key, "a list")

    def groups(self, key: str, kind: type, wanted: str) -> list[list[object]]:
        """A list of lists of one kind."""
        groups = self.items(key)
        for group in groups:
            if not isinstance(group, list) or not all(isinstance(item, kind) for item in group):
                raise self.fail(key, wanted)
        return [list(group) for group in groups if isinstance(group, list)]

    def objects(self, key: str) -> list[Record]:
        """A list of objects, each knowing its place."""
        found = []
        for number, item in enumerate(self.items(key)):
            if not isinstance(item, dict):
                raise self.fail(key, "a list of JSON objects")
            found.append(Record(f"{self.where}, {key} {number}", item))
        return found


def _chat(record: Record, *, default_id: str) -> tuple[Question, ...]:
    """A conversation: its turns, each knowing its place."""
    chat = record.text("id", default_id)
    turns = record.objects("turns")
    if not turns:
        raise record.fail("turns", "at least one question")
    return tuple(
        replace(_question(turn, default_id=""), id=f"{chat}#{number + 1}", chat=chat, turn=number)
        for number, turn in enumerate(turns)
    )


def _question(record: Record, *, default_id: str) -> Question:
    """One question; what a short file leaves out is filled in as docs/evaluation.md says."""
    answers = tuple(map(str, _each(record, "answers", str, "a list of words")))
    gold = tuple(Quote(item.text("article"), item.text("sentence")) for item in record.objects("gold"))
    type_ = record.text("type", "single" if answers or gold or record.items("must_contain") else "unanswerable")
    if type_ not in TYPES:
        raise record.fail("type", f"one of {', '.join(TYPES)}")
    must_contain = tuple(
        tuple(map(str, group)) for group in record.groups("must_contain", str, "groups (lists) of words")
    )
    if "must_contain" not in record.values and answers:
        must_contain = (answers,)
    question = Question(
        id=record.text("id", default_id),
        question=record.text("question"),
        type=type_,
        answers=answers,
        gold=gold,
        required=_required(record, len(gold)),
        must_contain=must_contain,
        note=record.text("note", ""),
    )
    if question.answerable and not must_contain and not gold:
        raise record.fail("must_contain", "at least one group of words that a right answer holds, 'answers' or 'gold'")
    return question


def _each(record: Record, key: str, kind: type, wanted: str) -> list[object]:
    """A list whose items are all of one kind."""
    items = record.items(key)
    if not all(isinstance(item, kind) for item in items):
        raise record.fail(key, wanted)
    return items


def _required(record: Record, gold: int) -> tuple[tuple[int, ...], ...]:
    """The sets of gold indices; left out, any one of the gold sentences will do."""
    if "required" not in record.values:
        return (tuple(range(gold)),) if gold else ()
    groups = record.groups("required", int, "sets (lists) of indices into 'gold'")
    sets = tuple(tuple(n for n in group if isinstance(n, int)) for group in groups)
    if not all(choices and all(0 <= n < gold for n in choices) for choices in sets):
        raise record.fail("required", f"sets (lists, not empty) of indices into the {gold} sentences of 'gold'")
    return sets


def _kind(value: object) -> str:
    """What a JSON value is, in words, with a short value itself."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
