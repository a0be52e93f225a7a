"""`citewell eval`: reads the arguments, asks or reads answers, writes the report, says where it is."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from index.errors import SettingsError
from index.sentences import split_article
from qa.about import describe_run
from qa.answers import Scored, score_answers
from qa.compare import compare
from qa.evaluate import Bot, ask_all, check_articles, rank_all
from qa.questions import DEFAULT_FILES, QuestionSet, load_questions, sample
from qa.report import ReportDict, build_report, load_report
from qa.report_files import write_report
from qa.report_text import render_markdown
from qa.scores import Result
from qa.squad import load_squad, squad_articles, write_articles
from ui.options import INTERRUPTED, say

OpenBot = Callable[[Path | None], Bot]
"""Opens the chatbot: on the folder given, or, for None, on what the other arguments of the command say."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `citewell eval` takes beside the options every command has.

    Args:
        parser: The subcommand's parser.
    """
    parser.add_argument(
        "questions",
        nargs="*",
        type=Path,
        metavar="QUESTIONS",
        help="files of questions; left out, the ones about the sample articles that ship with citewell",
    )
    parser.add_argument(
        "--format",
        choices=("jsonl", "squad"),
        help="of the files: one JSON object a line, or SQuAD 2.0, which brings its own articles (by default by suffix)",
    )
    parser.add_argument("--sample", type=int, metavar="N", help="ask N questions only, half answerable and half not")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which sample is drawn (default: 0)")
    parser.add_argument("--retrieval-only", action="store_true", help="measure what is found; write no answers")
    parser.add_argument(
        "--rerank", action="store_true", help="with --retrieval-only: in the order the language model puts it (slow)"
    )
    parser.add_argument("--answers", type=Path, metavar="FILE", help="score these answers instead of asking")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="show what changed since this report.json")
    parser.add_argument(
        "--out", type=Path, default=Path("eval-report"), metavar="DIR", help="for the report (default: eval-report)"
    )


def run(args: argparse.Namespace, open_bot: OpenBot) -> int:
    """Evaluate, write report.json, report.md and report.html, and show the Markdown on stdout.

    Args:
        args: What `add_arguments` asked for.
        open_bot: Called at most once, and not at all for a file of answers.

    Returns:
        The exit code: 0, 1 if a question failed, or 130 if Ctrl-C came before all were answered.

    Raises:
        CitewellError: The arguments, the files or the chatbot are not as wanted.
    """
    started = time.monotonic()
    if args.answers and args.retrieval_only:
        raise SettingsError("--answers and --retrieval-only exclude each other: a file of answers shows no retrieval")
    if args.rerank and not args.retrieval_only:
        raise SettingsError("--rerank goes with --retrieval-only: answers are always made from what is reranked")
    old = load_report(args.compare) if args.compare else None
    files = list(args.questions) or list(DEFAULT_FILES)
    squad = _is_squad(args, files)
    questions = _load(files, squad=squad)
    if args.sample is not None:
        questions = sample(questions, size=args.sample, seed=args.seed)
    bot = None
    if args.answers:
        scored = score_answers(questions, args.answers)
    else:
        bot = open_bot(write_articles(squad_articles(files[0]), args.out) if squad else None)
        check_articles(bot, questions)
        scored = _ask(bot, questions, retrieval_only=args.retrieval_only, rerank=args.rerank)
    about = describe_run(
        scored.results,
        files=[*files, *([args.answers] if args.answers else [])],
        options={
            "sample": args.sample,
            "seed": args.seed,
            "retrieval_only": args.retrieval_only,
            "rerank": args.rerank,
        },
        seconds=time.monotonic() - started,
        bot=bot,
    )
    report = build_report(scored, about)
    if old is not None:
        report["compared"] = compare(old, report)
    code = _finish(report, args.out)
    return INTERRUPTED if bot is not None and scored.missing else code


def _is_squad(args: argparse.Namespace, files: list[Path]) -> bool:
    """Whether the files are SQuAD's: as told, else by the suffix .json."""
    squad = args.format == "squad" if args.format else all(path.suffix == ".json" for path in files)
    if squad and len(files) > 1:
        raise SettingsError(f"{len(files)} files of SQuAD; wanted one, since it brings its own articles")
    return squad


def _load(files: list[Path], *, squad: bool) -> QuestionSet:
    """The questions of the files."""
    if squad:
        return load_squad(files[0], split=lambda article: split_article(article).sentences)
    return load_questions(files)


def _ask(bot: Bot, questions: QuestionSet, *, retrieval_only: bool, rerank: bool) -> Scored:
    """Ask and search, with progress on stderr."""
    from tqdm import tqdm

    missing: tuple[str, ...] = ()
    if retrieval_only:
        wanted = [question for question in questions.questions if question.answerable and question.required]
        results = tuple(map(Result, wanted))
    else:
        results = _answered(bot, questions)
        asked = {result.question.id for result in results}
        missing = tuple(question.id for question in questions.all if question.id not in asked)
    with tqdm(total=len(results), desc="searches", unit="question", file=sys.stderr) as bar:
        return replace(rank_all(bot, results, rerank=rerank, on_result=lambda _: bar.update()), missing=missing)


def _answered(bot: Bot, questions: QuestionSet) -> tuple[Result, ...]:
    """Ask everything; what was answered until then, if Ctrl-C comes."""
    from tqdm import tqdm

    results: list[Result] = []
    with tqdm(total=len(questions.all), desc="answers", unit="question", file=sys.stderr) as bar:

        def done(result: Result) -> None:
            results.append(result)
            bar.update()

        try:
            ask_all(bot, questions, on_result=done)
        except KeyboardInterrupt:
            if not results:
                raise
    if len(results) < len(questions.all):
        say(f"interrupted: the report covers the {len(results)} of {len(questions.all)} questions answered so far")
    return tuple(results)


def _finish(report: ReportDict, out: Path) -> int:
    """Write the report and show it."""
    page = write_report(report, out)
    sys.stdout.write(render_markdown(report))
    sys.stderr.write(f"The whole report: {page}\n")
    return int(any(result["error"] is not None for result in report["results"]))
