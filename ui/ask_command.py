"""`citewell ask`, `chat` and `search`: questions in, answers out, as text, JSON or a file to take along."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypedDict

from index.errors import CitewellError, GenerationError, PromptTooLongError, QuestionError, SettingsError

if TYPE_CHECKING:
    from index.article import Hit
    from qa.answer import Answer, AnswerDict
    from qa.chatbot import Chatbot


_FORMATS = ("text", "json", "markdown", "html", "csv")
# Unicode's own line ends, escaped: some readers of JSON lines split there.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


class HitDict(TypedDict):
    """One found sentence, as `search --json` and the page's `/search` give it."""

    rank: int
    score: float
    article: str
    sentence: int
    start: int
    end: int
    text: str


class ChatDict(TypedDict):
    """A conversation of a batch."""

    id: str | None
    turns: list[AnswerDict]


class FailedDict(TypedDict):
    """A question of a batch that could not be asked."""

    id: str | None
    question: str | None
    error: str


def add_ask_arguments(parser: argparse.ArgumentParser) -> None:
    """What `citewell ask` takes beside the options every command has."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("question", nargs="?", help="one question")
    asked.add_argument("--questions", type=Path, metavar="FILE", help="JSON lines: id and question, or id and turns")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where answers to --questions go")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="the answer as JSON, and nothing else, on stdout")
    how.add_argument(
        "--format",
        choices=_FORMATS,
        help="of the answer (default: text) or answers (default: JSON lines); html is a web page, csv a table to check",
    )


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """What `citewell search` takes beside the options every command has."""
    parser.add_argument("words", help="a question, or any words")
    parser.add_argument("-k", type=int, default=10, metavar="N", help="most sentences to show (default: 10)")
    parser.add_argument("--json", action="store_true", help="the sentences as JSON, and nothing else, on stdout")


def run_ask(args: argparse.Namespace, bot: Chatbot) -> int:
    """Answer one question, or every question of a file.

    Args:
        args: The command's options.
        bot: Answers.

    Returns:
        0, or 1 if a question of a file failed.

    Raises:
        CitewellError: The one question cannot be asked, or a file cannot be read or written.
    """
    if args.questions is not None:
        return _run_batch(args, bot)
    if args.out is not None:
        raise SettingsError("--out goes with --questions; send one answer to a file with: --json > FILE")
    answer = bot.ask(args.question, articles=args.only)
    if args.json or args.format == "json":
        print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2))
    elif args.format in (None, "text"):
        print(answer)
    else:
        print(_render([answer], args.format), end="")
    return 0


def _render(answers: Sequence[Answer], form: str) -> str:
    """Answers as one whole file."""
    if form == "text":
        return "\n\n".join(f"{answer.question}\n\n{answer}\n" for answer in answers)
    from ui.export import FORMATS  # noqa: PLC0415

    return FORMATS[form].render(answers)


def run_chat(args: argparse.Namespace, bot: Chatbot) -> int:
    """Answer questions from the terminal until the end of input.

    Args:
        args: The command's options.
        bot: Answers.

    Returns:
        0.
    """
    with contextlib.suppress(ImportError):  # not on every system; gives input() its line editing
        import readline  # noqa: F401, PLC0415
    chat = bot.chat()
    print(f"{len(bot.articles)} articles. Ask; an empty line or Ctrl-D ends.", file=sys.stderr)
    while True:
        try:
            question = input("> ").strip()
        except EOFError:
            return 0
        if not question:
            return 0
        try:
            print(f"\n{chat.ask(question, articles=args.only)}\n")
        except (QuestionError, PromptTooLongError, GenerationError) as error:
            print(error, file=sys.stderr)


def run_search(args: argparse.Namespace, bot: Chatbot) -> int:
    """Show the sentences that match some words.

    Args:
        args: The command's options.
        bot: Searches.

    Returns:
        0.
    """
    if args.k < 1:
        raise SettingsError(f"-k is {args.k}; wanted 1 or more")
    hits = bot.search(args.words, k=args.k, articles=args.only)
    if args.json:
        print(json.dumps([hit_dict(hit) for hit in hits], ensure_ascii=False, indent=2))
        return 0
    for hit in hits:
        print(f"{hit.rank:>3}. {hit.score:.2f}  {hit.sentence.article.id}, sentence {hit.sentence.number}")
        print(f"     {' '.join(hit.sentence.text.split())}")
    return 0


def hit_dict(hit: Hit) -> HitDict:
    """A found sentence as plain JSON values."""
    s = hit.sentence
    return {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "article": s.article.id,
        "sentence": s.number,
        "start": s.start,
        "end": s.end,
        "text": s.text,
    }


def _run_batch(args: argparse.Namespace, bot: Chatbot) -> int:
    from tqdm import tqdm  # noqa: PLC0415

    lines = _read_lines(args.questions)
    if args.out is not None and args.out.resolve() == args.questions.resolve():
        raise SettingsError(f"{args.out}: holds the questions; name another file for the answers")
    whole = args.format not in (None, "json")  # a file that is made of all answers together, once they are there
    failed = 0
    answers: list[Answer] = []
    with _open_out(args.out, whole=whole) as out:
        for number, line in tqdm(lines, desc="questions", unit="", file=sys.stderr, disable=None):
            result = _answer_line(line, number, bot, args.only)
            failed += bool(result.error)
            if whole:
                answers += result.answers
                if result.error:
                    print(result.error, file=sys.stderr)
            else:
                _write(out, json.dumps(result.record, ensure_ascii=False).translate(_LINE_ENDS) + "\n", args.out)
        if whole:
            _write(out, _render(answers, args.format), args.out)
    if failed:
        where = "" if whole else '; see their "error"'
        print(f"{failed} of {len(lines)} questions failed{where}", file=sys.stderr)
    return 1 if failed else 0


def _read_lines(path: Path) -> list[tuple[int, str]]:
    """The lines that are not blank, numbered from 1."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path}: cannot be read ({error}); wanted JSON lines in UTF-8") from error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise QuestionError(f"{path}: holds no questions")
    return lines


@contextlib.contextmanager
def _open_out(path: Path | None, *, whole: bool) -> Iterator[TextIO]:
    """Where answers are written; a file that is written as a whole gets its name once it is."""
    if path is None:
        yield sys.stdout
        return
    place = path.with_name(f"{path.name}.part") if whole else path
    try:
        file = place.open(
            "w", encoding="utf-8", errors="backslashreplace", newline=""
        )  # half a surrogate pair: \\udXXX
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        yield file
    except BaseException:
        with contextlib.suppress(OSError):  # a full disk was told of when a line did not fit
            file.close()
        if whole:
            place.unlink()
        raise
    file.close()
    if whole:
        place.replace(path)


def _write(out: TextIO, text: str, path: Path | None) -> None:
    """Write one answer, or all, so that it is there whatever happens next."""
    try:
        out.write(text)
        out.flush()
    except OSError as error:
        if path is None:
            raise
        raise SettingsError(f"{path}: cannot be written ({error.strerror}); free some space and ask again") from error


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a line of a question file: what JSON says of it, its answers, and why there are none."""

    record: AnswerDict | ChatDict | FailedDict
    answers: tuple[Answer, ...] = ()
    error: str = ""


def _answer_line(line: str, number: int, bot: Chatbot, only: list[str] | None) -> _Result:
    """Answer one line of a question file; what cannot be asked becomes its error."""
    id_: str | None = None
    question: str | None = None
    try:
        record = _record(line)
        id_ = None if record.get("id") is None else str(record["id"])
        turns = record.get("turns")
        if isinstance(turns, list):
            question = " / ".join(_question(turn) for turn in turns)
            chat = bot.chat()
            answers = tuple(chat.ask(_question(turn), articles=only) for turn in turns)
            return _Result({"id": id_, "turns": [answer.to_dict(id=id_) for answer in answers]}, answers)
        question = _question(record)
        answer = bot.ask(question, articles=only)
        return _Result(answer.to_dict(id=id_), (answer,))
    except CitewellError as error:
        problem = f"line {number}: {error}"
        return _Result({"id": id_, "question": question, "error": problem}, error=problem)


def _record(line: str) -> dict[str, object]:
    """A line as the object it holds."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # what json makes of endless digits and brackets, too
        raise QuestionError(f"is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise QuestionError("wanted an object with id and question")
    return record


def _question(record: object) -> str:
    question = record.get("question") if isinstance(record, dict) else None
    if not isinstance(question, str):
        raise QuestionError("there is no question; wanted an object with id and question")
    return question
