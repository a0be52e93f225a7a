"""`make bench`: how fast citewell is, as ratios against named baselines of the same run.

Machines differ and are busy, so a number of seconds says little; a ratio against the plain library call, measured in
the same minute, says more. Prints a table, and writes the same with machine and versions to bench-report/report.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.cold import time_cold
from benchmarks.embedding import in_turns, time_embedding
from benchmarks.large_index import time_large_index
from benchmarks.load import time_load
from benchmarks.many import ask_many
from benchmarks.peer import time_peer
from benchmarks.scale import Scale, measure_scale
from index.load import load_folder, plain_text
from index.passage_index import PassageIndex
from index.passages import window_passages
from index.resources import resource
from index.sentences import split_article
from qa.about import describe_machine, describe_versions
from qa.chatbot import Chatbot
from qa.library import find_embedder
from qa.local import LlamaGenerator
from qa.models import ModelStore
from qa.questions import DEFAULT_FILES, load_questions
from qa.settings import Settings


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: what was measured against what, in seconds, and their ratio.

    Attributes:
        name: What was measured.
        seconds: How long it took.
        baseline: What it is compared with.
        baseline_s: How long that took.
        most: The ratio it is meant to have at most, if any is meant.
        most_s: The seconds it is meant to take at most.
    """

    name: str
    seconds: float
    baseline: str
    baseline_s: float
    most: float | None = None
    most_s: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the baseline's time it takes."""
        return self.seconds / self.baseline_s

    @property
    def target(self) -> str:
        """What is meant, in words, and whether it is met; empty where nothing is."""
        if self.most is not None:
            return f"ratio {self.most:g}: {'met' if self.ratio <= self.most else 'missed'}"
        if self.most_s is not None:
            return f"{self.most_s:g} s: {'met' if self.seconds <= self.most_s else 'missed'}"
        return ""


def main() -> int:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--questions", type=int, default=8, metavar="N", help="questions to time (default: 8)")
    parser.add_argument("--out", type=Path, default=Path("bench-report"), metavar="DIR")
    parser.add_argument(
        "--scale", type=int, metavar="N", help="time searching N sentences instead, vectors like real ones"
    )
    parser.add_argument("--sentences", type=Path, metavar="FILE", help="real sentences for --scale, one a line")
    parser.add_argument("--asked", type=Path, metavar="FILE", help="questions for --scale, one a line")
    parser.add_argument("--large", type=int, metavar="N", help="time an index of N made-up articles instead")
    parser.add_argument("--load", action="store_true", help="1, 4 and 16 askers at once instead, tiny model")
    parser.add_argument("--many", type=int, metavar="N", help="N questions in one process instead, tiny model")
    parser.add_argument("--peer", action="store_true", help="answers against LlamaIndex's CitationQueryEngine instead")
    parser.add_argument("--quick", action="store_true", help="only what needs no large language model")
    args = parser.parse_args()
    measured: dict[str, object] = {}
    if args.scale:
        if not (args.sentences and args.asked):
            parser.error("--scale needs --sentences and --asked")
        scale = measure_scale(
            args.scale, _lines(args.sentences), _lines(args.asked), find_embedder(None, report=_say), say=_say
        )
        figures, measured = scale_figures(scale), {"scale": asdict(scale)}
    elif args.load:
        figures, measured = time_askers()
    elif args.many:
        figures, measured = time_many(args.many)
    elif args.large:
        figures = time_large(args.large)
    elif args.peer:
        figures, measured = time_against_peer(args.questions)
    else:
        figures, measured = time_embedder()
        figures += [*time_first_quote(), *time_index(), *([] if args.quick else time_answers(args.questions))]
    width = max(len(f.name) for f in figures)
    print(f"{'':{width}}  {'seconds':>8}  {'ratio':>6}  {'at most':18}  against")
    for f in figures:
        print(f"{f.name:{width}}  {f.seconds:8.3f}  {f.ratio:6.2f}  {f.target:18}  {f.baseline} ({f.baseline_s:.3f} s)")
    args.out.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(f), "ratio": f.ratio, "target": f.target} for f in figures]
    report = {"machine": describe_machine(), "versions": describe_versions(), "figures": rows, **measured}
    (args.out / "report.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    return 0


def time_embedder() -> tuple[list[Figure], dict[str, object]]:
    """Embedding sentences and questions, against SentenceTransformer.encode in float32."""
    folder = ModelStore.open(report=_say).locate(None, "embedder")
    times = time_embedding(folder, _seed_texts(), _seed_questions())
    kind = "bfloat16" if times.bfloat16 else "float32"
    print(f"embedding {times.texts} texts in {kind}: {times.texts / times.ours:.0f} a second; cosine to the library's")
    print(f"vectors {times.cosine_mean:.6f} in the mean, {times.cosine_least:.6f} at least\n")
    library = "SentenceTransformer.encode, float32"
    figures = [
        Figure("embedding", times.ours, library, times.library, most=0.4 if times.bfloat16 else 1),
        Figure("embedding in float32", times.ours_float32, library, times.library, most=1),
        Figure("embedding one question", times.ours_one, library, times.library_one, most=1),
    ]
    return figures, {"embedding": asdict(times)}


def time_first_quote() -> list[Figure]:
    """Starting Python, and asking the sample articles, to the first quote."""
    quote, library = time_cold(_seed_questions()[0])
    return [Figure("cold start to first quote", quote, "import sentence_transformers", library, most=1.2)]


def time_index() -> list[Figure]:
    """Building the index of the sample articles, against embedding alone."""
    embedder = find_embedder(None, report=_say)
    articles, texts = load_folder(resource("seeds")).articles, _seed_texts()
    embedder.embed_passages(texts[:8])  # loads the weights

    def build() -> None:
        with tempfile.TemporaryDirectory() as folder:
            PassageIndex.create(folder, embedder).update(articles, remove_others=True)

    whole, embedding = in_turns([build, lambda: embedder.embed_passages(texts)], rounds=5)
    return [Figure("index build", whole, "embedding the same texts", embedding, most=1.2)]


def time_many(count: int) -> tuple[list[Figure], dict[str, object]]:
    """Many questions in one process: the last against the first, in processor time."""
    with tempfile.TemporaryDirectory() as folder:
        index = _seed_index(folder)
        models = ModelStore.open(report=_say)
        tiny = LlamaGenerator(lambda: models.locate("tiny", "llm"), name="tiny", context_tokens=2048, threads=0)
        # finds an answer in everything, and is spared most of the judging and writing
        settings = Settings(answers_from=-50.0, candidates=2, max_claims=1, max_claim_tokens=16)
        many = ask_many(Chatbot(index, tiny, settings=settings), _seed_questions(), count=count)
    print(
        f"resident: {many.warm_mb:.0f} MB once warm, {many.end_mb:.0f} MB at the end, {many.most_mb:.0f} MB at most\n"
    )
    figures = [Figure(f"last of {count} questions", many.last_s, "first of them", many.first_s, most=1.1)]
    return figures, {"many": asdict(many)}


def _seed_texts() -> list[str]:
    """What an index of the sample articles embeds."""
    splits = [split_article(article) for article in load_folder(resource("seeds")).articles]
    own = [plain_text(s.text) for split in splits for s in split.kept]
    return own + [plain_text(p.text) for split in splits for p in window_passages(split.kept)]


def _seed_questions() -> list[str]:
    return [q.question for q in load_questions(DEFAULT_FILES[:1]).questions]


def time_large(count: int) -> list[Figure]:
    """What a user of an index of many articles waits for, against the part of it that has to be."""
    times = time_large_index(count, find_embedder(None, report=_say), say=_say)
    print(f"{times.articles:,} articles, {times.sentences:,} sentences, {times.megabytes:.0f} MB\n")
    return [
        Figure("add one article", times.add, "embedding it", times.embed_alone),
        Figure("open for searching", times.open, "reading the file's bytes", times.read_file),
        Figure("search", times.search, "embedding the question", times.embed_question),
        Figure(
            "question to first quote", times.first_quote, "embedding the question", times.embed_question, most_s=0.1
        ),
        Figure("find reprints", times.reprints, "reading the file's bytes", times.read_file),
    ]


def scale_figures(scale: Scale) -> list[Figure]:
    """Searching many sentences, against comparing each of them by numpy."""
    for name, like in (("real", scale.like_real), ("made", scale.like_made)):
        nearest, strangers = " ".join(f"{c:.3f}" for c in like.nearest), " ".join(f"{c:.3f}" for c in like.strangers)
        print(f"{name} vectors: cosine to the 1st, 10th, 100th nearest {nearest}; strangers {strangers}")
    print(f"{scale.sentences:,} sentences, {scale.real:,} of them real; {scale.disk_mb:,.0f} MB on disk")
    print(f"recall@10 of the vector search: {scale.recall[0]:.3f} sentences, {scale.recall[1]:.3f} passages")
    print(f"resident: {scale.resident_mb:,.0f} MB, of which {scale.shared_mb:,.0f} MB are pages of files\n")
    exact = "comparing every vector by numpy"
    return [
        Figure("open", scale.open, "making the tables", scale.first_open, most_s=3),
        Figure("open after adding an article", scale.open_after_add, "making the tables", scale.first_open),
        Figure("search, median", statistics.median(scale.search), exact, scale.exact, most_s=0.02),
        Figure(
            "search, 95th percentile", statistics.quantiles(scale.search, n=20)[-1], exact, scale.exact, most_s=0.06
        ),
        Figure("search, processor time, median", statistics.median(scale.search_cpu), exact, scale.exact),
        *(Figure(f"  {name}", seconds, exact, scale.exact) for name, seconds in scale.parts.items()),
    ]


def time_askers() -> tuple[list[Figure], dict[str, object]]:
    """Askers at once: their median wait against as many questions in a row; a search beside them, and beside one."""
    with tempfile.TemporaryDirectory() as folder:
        index = _seed_index(folder)
        models = ModelStore.open(report=_say)
        tiny = LlamaGenerator(lambda: models.locate("tiny", "llm"), name="tiny", context_tokens=2048, threads=0)
        bot = Chatbot(index, tiny, settings=Settings(answers_from=-50.0))  # finds an answer in everything
        questions = _seed_questions()[:8]
        one, *crowds = time_load(bot, questions)
    figures = []
    for load in (one, *crowds):
        print(
            f"{load.askers} askers: {load.a_minute:.1f} answers a minute; wait {load.wait(50):.2f} s (half), "
            f"{load.wait(95):.2f} s (95 %); mixed up: {len(load.mixed_up)}"
        )
    for load in crowds:
        wait, alone = load.wait(50), load.askers * one.wait(50)
        figures.append(Figure(f"wait of {load.askers} askers", wait, "as many questions in a row", alone))
        meanwhile, search = statistics.median(load.searches_s), statistics.median(one.searches_s)
        figures.append(Figure(f"search beside {load.askers}", meanwhile, "search beside one", search))
    return figures, {"load": [asdict(load) for load in (one, *crowds)]}


def time_answers(count: int) -> list[Figure]:
    """A question to its first quote and to its answer, against what the model's raw rates allow."""
    with tempfile.TemporaryDirectory() as folder:
        index, generator = _seed_index(folder), _default_llm()
        bot = Chatbot(index, generator, settings=Settings())
        questions = _seed_questions()[: count + 1]
        bot.ask(questions[0])  # reads the instructions, which later questions find ready
        read_s, written_s = generator.rates()
        quotes, answers, floors = [], [], []
        for question in questions[1:]:
            before = generator.tokens
            timings = bot.ask(question).timings
            read, written = (now - then for now, then in zip(generator.tokens, before, strict=True))
            quotes.append(timings.first_quote or 0.0)
            answers.append(timings.total or 0.0)
            floors.append(read * read_s + written * written_s)
    (embedding,) = in_turns([lambda: index.search(questions[1], k=1)], rounds=3)
    return [
        Figure("question to first quote", statistics.median(quotes), "one search", embedding),
        Figure(
            "question to answer",
            statistics.median(answers),
            "its tokens at the raw rates",
            statistics.median(floors),
            most=1.15,
        ),
    ]


def time_against_peer(count: int) -> tuple[list[Figure], dict[str, object]]:
    """Whole answers against those of the best-known library that cites, everything else alike."""
    models = ModelStore.open(report=_say)
    llm, embedder = models.locate(None, "llm"), models.locate(None, "embedder")
    with tempfile.TemporaryDirectory() as folder:
        bot = Chatbot(_seed_index(folder), _default_llm(), settings=Settings())
        bot.load()
        bot.warm_up()
        asked = _seed_questions()[:count]
        turns = time_peer(bot, asked, llm=llm, embedder=embedder, threads=os.cpu_count() or 1, say=_say)
    ours, theirs = (statistics.median(times) for times in zip(*((t.ours_s, t.theirs_s) for t in turns), strict=True))
    figure = Figure("question to answer", ours, "LlamaIndex's CitationQueryEngine", theirs, most=0.4)
    return [figure], {"peer": [asdict(turn) for turn in turns]}


def _seed_index(folder: str) -> PassageIndex:
    """The sample articles in an index of their own."""
    index = PassageIndex.create(folder, find_embedder(None, report=_say))
    index.update(load_folder(resource("seeds")).articles, remove_others=True)
    return index


def _default_llm() -> LlamaGenerator:
    models, settings = ModelStore.open(report=_say), Settings()
    return LlamaGenerator(
        lambda: models.locate(None, "llm"),
        name="default",
        context_tokens=settings.context_tokens,
        threads=settings.threads,
    )


def _lines(path: Path) -> list[str]:
    """The lines of a file that are not blank, each once."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").split("\n"))
    return [*dict.fromkeys(line for line in lines if line)]


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
