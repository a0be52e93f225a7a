from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from index.article import Article, Hit, Sentence
from index.errors import GenerationError, QuestionError, SettingsError
from index.sentences import split_article
from qa.answer import Answer, Citation, Claim, Timings
from qa.answers import score_answers
from qa.compare import compare
from qa.evaluate import ask_all, check_articles, rank_all
from qa.faults import failed, faults
from qa.metrics import Quote
from qa.questions import Question, QuestionSet
from qa.ranking import comparable, gold_keys, score_rankings
from qa.report import ReportDict, build_report, load_report
from qa.report_files import write_report
from qa.report_html import render_html
from qa.report_text import render_markdown
from qa.scores import Result, judge
from qa.settings import Settings
from ui.eval_command import add_arguments, run

BRIDGE = Article("bridge", "The bridge opened in 1932. The city paid for it. Trams cross it.", "The bridge")
LETTER = Article("letter", "A <b>reader</b> writes: it opened in 1933. Who paid is not said.", "A letter")
SENTENCES = {article.id: split_article(article).sentences for article in (BRIDGE, LETTER)}

OPENED = Question(
    id="opened",
    question="When did it open?",
    type="conflict",
    answers=("1932", "1933"),
    gold=tuple(Quote(s.article.id, s.text) for s in (SENTENCES["bridge"][0], SENTENCES["letter"][0])),
    required=((0,), (1,)),
    must_contain=(("1932",), ("1933",)),
)
PAID = Question(
    id="paid",
    question="Who paid?",
    answers=("the city",),
    gold=(Quote("bridge", "The city paid for it."),),
    required=((0,),),
    must_contain=(("city",),),
)
COLOUR = Question(id="colour", question="Which <colour> is it?", type="unanswerable")


def claim(text: str, *sentences: Sentence, first: int = 1, verbatim: bool = False) -> Claim:
    citations = tuple(Citation(sentence, number) for number, sentence in enumerate(sentences, start=first))
    return Claim(text, citations, verbatim=verbatim, support=0.9)


BOTH = Answer(
    OPENED.question,
    (claim("It opened in 1932.", SENTENCES["bridge"][0]), claim("It opened in 1933.", SENTENCES["letter"][0], first=2)),
    timings=Timings(retrieve=0.1, first_quote=0.1, first_claim=2.0, total=4.0),
    llm="scripted",
)
ONE = Answer(OPENED.question, (claim("It opened in 1932.", SENTENCES["bridge"][0], SENTENCES["bridge"][2]),))
CITY = Answer(PAID.question, (claim("The city paid for it.", SENTENCES["bridge"][1], verbatim=True),))
DECLINED = Answer("?", declined=True, lead="Not in these articles.", nearest=SENTENCES["bridge"][:1])


@dataclass
class ScriptedChat:
    bot: ScriptedBot

    def ask(self, question: str) -> Answer:
        return self.bot.ask(question)


@dataclass
class ScriptedBot:
    """Answers from a script; a question without a line fails as a model would."""

    script: dict[str, Answer]
    articles: Sequence[Article] = (BRIDGE, LETTER)
    settings: Settings = field(default_factory=Settings)
    embedder_name: str = "scripted"
    asked: list[str] = field(default_factory=list)

    def ask(self, question: str) -> Answer:
        self.asked.append(question)
        if question not in self.script:
            raise GenerationError("the model stopped; try again")
        return self.script[question]

    def chat(self) -> ScriptedChat:
        return ScriptedChat(self)

    def search(self, words: str, *, k: int) -> tuple[Hit, ...]:
        found = [*SENTENCES["bridge"], *SENTENCES["letter"]][:k]
        return tuple(Hit(sentence, 1 / rank, rank) for rank, sentence in enumerate(found, start=1))

    def sentences(self, article_id: str) -> tuple[Sentence, ...]:
        return SENTENCES[article_id]


def report_of(bot: ScriptedBot, *questions: Question, chats: tuple[tuple[Question, ...], ...] = ()) -> ReportDict:
    scored = rank_all(bot, ask_all(bot, QuestionSet(questions, chats)).results)
    return build_report(scored, {"date": "2026-01-02T03:04:05+00:00"})


def script(**answers: Answer) -> ScriptedBot:
    questions = {"opened": OPENED, "paid": PAID, "colour": COLOUR}
    return ScriptedBot({questions[id_].question: answer for id_, answer in answers.items()})


def test_judging_a_conflict() -> None:
    verdict = judge(OPENED, BOTH.to_dict())
    assert (verdict.right, verdict.correct, verdict.all_positions) == (True, True, True)
    assert (verdict.cite_precision, verdict.cite_recall) == (1, 1)
    verdict = judge(OPENED, ONE.to_dict())
    assert (verdict.right, verdict.correct, verdict.all_positions) == (False, False, False)
    assert (verdict.cite_precision, verdict.cite_recall) == (0.5, 0.5)
    assert (verdict.article_precision, verdict.article_recall) == (1, 0.5)
    assert (verdict.missing_words, verdict.missed, verdict.wrong) == ((1,), (1,), (2,))


def test_judging_what_was_declined_or_failed() -> None:
    verdict = judge(PAID, DECLINED.to_dict())
    assert (verdict.right, verdict.declined, verdict.correct) == (False, True, False)
    assert (verdict.cite_precision, verdict.cite_recall) == (None, 0)
    verdict = judge(COLOUR, DECLINED.to_dict())
    assert (verdict.right, verdict.declined, verdict.correct, verdict.cite_recall) == (True, True, None, None)
    verdict = judge(COLOUR, CITY.to_dict())
    assert (verdict.right, verdict.declined, verdict.cite_precision) == (False, False, None)
    for question in (PAID, COLOUR):
        verdict = judge(question, None)
        assert (verdict.right, verdict.declined, verdict.failed) == (False, False, True)


def test_a_citation_mark_is_no_figure() -> None:
    question = Question(id="q", question="How many?", must_contain=(("1",),))
    assert judge(question, CITY.to_dict()).correct is False


def test_attribution_and_claims() -> None:
    question = Question(id="q", question="Who says so?", type="attribution", must_contain=(("reader",), ("1933",)))
    said = Answer("", (claim("A reader says 1933 or “never”.", SENTENCES["letter"][0]),))
    verdict = judge(question, said.to_dict())
    assert (verdict.attributed, verdict.cite_precision, verdict.cite_recall) == (True, None, None)
    assert (verdict.verbatim, verdict.first_words, verdict.loose) == ((False,), 6, (("never",),))


def test_figures() -> None:
    report = report_of(script(opened=BOTH, paid=DECLINED, colour=DECLINED), OPENED, PAID, COLOUR)
    assert (report["correct"], report["cite_precision"], report["cite_recall"]) == (0.5, 1, 0.5)
    assert (report["declined_right"], report["declined_wrong"], report["all_positions"]) == (1, 0.5, 1)
    overall = report["questions"]["all"]
    assert overall["right"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert overall["balanced_declining"]["value"] == 0.75
    assert (overall["verbatim"]["value"], overall["verbatim"]["n"]) == (0, 2)
    assert (overall["loose_claims"]["value"], overall["failed"]["value"]) == (0, 0)
    assert overall["attribution"] == {"value": None, "low": None, "high": None, "n": 0}
    assert set(report["questions"]) == {"all", "single", "conflict", "unanswerable"}
    assert report["chats"] == {}
    assert report["latency_s"]["total"] == {"p50": 4, "p90": 4, "p95": 4, "max": 4, "n": 1}


def test_retrieval_figures() -> None:
    report = report_of(script(opened=BOTH, paid=CITY), OPENED, PAID)
    figures = {key: figure["value"] for key, figure in report["retrieval"]["all"].items()}
    # opened: gold in places 1 and 4; paid: gold in place 2
    assert figures["r_at_1"] == 0.25
    assert figures["r_at_5"] == figures["r_at_10"] == 1
    assert figures["mrr"] == 0.75
    ideal, found = 1 + 0.6309, 1 + 0.4307
    assert figures["ndcg_at_10"] == pytest.approx((found / ideal + 0.6309) / 2, abs=1e-3)


def test_many_questions_are_searched_at_once_where_the_chatbot_can() -> None:
    @dataclass
    class BatchBot(ScriptedBot):
        batches: list[int] = field(default_factory=list)

        def search_many(self, questions: Sequence[str], *, k: int) -> list[tuple[Hit, ...]]:
            self.batches.append(len(questions))
            return [ScriptedBot.search(self, question, k=k) for question in questions]

        def search(self, words: str, *, k: int) -> tuple[Hit, ...]:
            raise AssertionError("one by one is slow")

    bot = BatchBot({})
    results = [Result(replace(PAID, id=str(n))) for n in range(100)]
    scored = rank_all(bot, results)
    assert bot.batches == [64, 36]
    assert [result.ranked.first for result in scored.results if result.ranked] == [2] * 100


def test_retrieval_without_gold_and_with_repeats() -> None:
    sentences = {"bridge": comparable(SENTENCES["bridge"])}
    lost = Question(id="q", question="?", gold=(Quote("bridge", "Never printed."),), required=((0,),))
    assert gold_keys(lost, sentences) == (frozenset(),)
    ranked = score_rankings({"q": [("bridge", 0)]}, {"q": gold_keys(lost, sentences)})["q"]
    assert (ranked.r_at_10, ranked.rr, ranked.ndcg, ranked.first, ranked.findable) == (0, 0, 0, None, False)
    twice = Question(id="q", question="?", gold=PAID.gold * 2, required=((0, 1), (1,)))
    assert gold_keys(twice, sentences) == (frozenset({("bridge", 1)}),) * 2
    assert score_rankings({"q": []}, {"q": gold_keys(twice, sentences)})["q"].rr == 0
    assert score_rankings({}, {}) == {}


def test_turns_are_asked_in_one_chat_and_counted_apart() -> None:
    turns = (
        Question(id="c#1", question=PAID.question, must_contain=(("city",),), chat="c"),
        Question(id="c#2", question=COLOUR.question, type="unanswerable", chat="c", turn=1),
    )
    report = report_of(script(paid=CITY, colour=DECLINED), chats=(turns,))
    assert report["questions"] == {}
    assert report["correct"] == 1
    assert report["chats"]["all"]["right"] == {"value": 1, "low": 1, "high": 1, "n": 2}
    assert report["chats"]["follow-up"]["right"]["n"] == 1


def test_a_failure_counts_as_wrong_and_the_rest_goes_on() -> None:
    report = report_of(script(colour=DECLINED), PAID, COLOUR)
    assert report["questions"]["all"]["failed"]["value"] == 1
    assert report["results"][0]["error"] == "the model stopped; try again"
    assert report["results"][1]["verdict"] is not None
    assert report["correct"] == 0


def test_tokens_are_counted_per_answer_where_the_chatbot_counts_them() -> None:
    class CountingBot(ScriptedBot):
        @property
        def tokens(self) -> tuple[int, int]:
            return 100 * len(self.asked) ** 2, 10 * len(self.asked)

    asked = [replace(PAID, id=str(n)) for n in range(3)]
    report = report_of(CountingBot({PAID.question: CITY}), *asked)
    assert {way: (row["p50"], row["max"], row["n"]) for way, row in report["tokens"].items()} == {
        "in": (300, 500, 3),
        "out": (10, 10, 3),
    }
    assert report_of(script(paid=CITY), *asked)["tokens"] == {}


def test_questions_about_other_articles_are_refused() -> None:
    check_articles(script(), QuestionSet((OPENED, PAID, COLOUR)))
    with pytest.raises(QuestionError, match="'letter'"):
        check_articles(ScriptedBot({}, articles=(BRIDGE,)), QuestionSet((OPENED,)))


def test_answers_from_a_file(tmp_path: Path) -> None:
    turns = (Question(id="c#1", question="Who?", must_contain=(("city",),), chat="c"),)
    lines = [
        BOTH.to_dict(id="opened"),
        {"id": "paid", "question": "Who paid?", "error": "broke"},
        {"id": "c", "turns": [CITY.to_dict()]},
        {"id": "somebody else's", "text": "x"},
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    scored = score_answers(QuestionSet((OPENED, PAID, COLOUR), (turns,)), path)
    assert [(r.question.id, r.verdict.right, r.error) for r in scored.results if r.verdict] == [
        ("opened", True, None),
        ("paid", False, "broke"),
        ("c#1", True, None),
    ]
    assert scored.missing == ("colour",)


def test_another_programs_answers_need_little(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    answer = {"id": "paid", "text": "the city", "citations": [{"article": "bridge", "text": "The city paid for it."}]}
    path.write_text(json.dumps(answer))
    (result,) = score_answers(QuestionSet((PAID,)), path).results
    assert result.verdict is not None
    assert (result.verdict.correct, result.verdict.cite_precision, result.verdict.cite_recall) == (True, 1, 1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", "line 1: no JSON"),
        ({"text": "x"}, "line 1: 'id' is nothing"),
        ({"id": "paid", "text": 1}, "line 1: 'text' is 1; wanted words"),
        ({"id": "paid", "citations": [{"article": "a"}]}, "line 1, citations 0: 'text'"),
        ({"id": "paid", "claims": [{"text": "x", "citations": [1]}]}, "line 1: 'claims' is"),
        ({"id": "unknown"}, "none of the 1 questions"),
    ],
)
def test_bad_answers(tmp_path: Path, line: object, message: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(line if isinstance(line, str) else json.dumps(line))
    with pytest.raises(QuestionError, match=message):
        score_answers(QuestionSet((PAID,)), path)


def test_faults_in_words() -> None:
    results = report_of(script(opened=ONE, paid=DECLINED, colour=CITY), OPENED, PAID, COLOUR)["results"]
    assert [faults(result) for result in results] == [
        ("answer wrong or incomplete", "position not cited", "cites a sentence that is not gold"),
        ("wrongly declined",),
        ("should have been declined",),
    ]
    assert all(map(failed, results))
    assert faults(report_of(script(opened=BOTH), OPENED)["results"][0]) == ()


def test_comparison() -> None:
    old = report_of(script(opened=ONE, paid=CITY, colour=DECLINED), OPENED, PAID, COLOUR)
    new = report_of(script(opened=BOTH, paid=DECLINED), OPENED, PAID)
    compared = compare(old, new)
    assert [change["id"] for change in compared["better"]] == ["opened"]
    assert compared["worse"] == [{"id": "paid", "question": "Who paid?", "old": [], "new": ["wrongly declined"]}]
    assert (compared["only_old"], compared["only_new"]) == (["colour"], [])
    changes = {(c["group"], c["measure"]): (c["old"], c["new"]) for c in compared["figures"]}
    assert changes["all", "declined_wrong"] == (0, 0.5)
    assert changes["conflict", "all_positions"] == (0, 1)
    same = compare(old, old)
    assert same["figures"] == same["better"] == same["worse"] == same["otherwise"] == []


def test_the_pages_escape_and_show_what_should_have_been() -> None:
    report = report_of(script(opened=ONE, paid=CITY, colour=CITY), OPENED, PAID, COLOUR)
    report["compared"] = compare(
        report_of(script(opened=BOTH, paid=CITY, colour=DECLINED), OPENED, PAID, COLOUR), report
    )
    page = render_html(report)
    assert "<b>reader</b>" not in page
    assert "A &lt;b&gt;reader&lt;/b&gt; writes: it opened in 1933." in page
    assert "Which &lt;colour&gt; is it?" in page
    assert page.index("Which &lt;colour&gt;") < page.index("All well")
    assert "To decline" in page
    assert "http" not in page
    assert "<script" not in page
    text = render_markdown(report)
    assert "## Failures: 2 of 3" in text
    assert "### Worse: 2" in text


@pytest.mark.parametrize("results", [0, 1])
def test_pages_of_nearly_nothing(results: int) -> None:
    report = report_of(script(colour=DECLINED), *[COLOUR][:results])
    assert "Failures" in render_html(report)
    assert "Failures: 0" in render_markdown(report)


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


QUESTION_LINES = (
    '{"id": "paid", "question": "Who paid?", "answers": ["the city"],'
    ' "gold": [{"article": "bridge", "sentence": "The city paid for it."}]}\n'
    '{"id": "colour", "question": "Which <colour> is it?"}\n'
)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions, out = tmp_path / "q.jsonl", tmp_path / "out"
    questions.write_text(QUESTION_LINES)
    bot = script(paid=CITY, colour=DECLINED)
    assert run(arguments(str(questions), "--out", str(out)), lambda folder: bot) == 0
    shown = capsys.readouterr()
    assert shown.out == (out / "report.md").read_text()
    assert str(out / "report.html") in shown.err
    report = load_report(out / "report.json")
    assert (report["correct"], report["declined_right"]) == (1, 1)
    assert report["about"]["models"] == {"scripted": {}}
    assert run(arguments(str(questions), "--out", str(out), "--compare", str(out / "report.json")), lambda _: bot) == 0
    assert "Every figure is as it was." in capsys.readouterr().out


def test_the_command_repeats_itself(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text(QUESTION_LINES)
    reports = []
    for name in ("one", "two"):
        run(arguments(str(questions), "--out", str(tmp_path / name)), lambda _: script(paid=CITY))
        values = json.loads((tmp_path / name / "report.json").read_text())
        reports.append({key: value for key, value in values.items() if key != "about"})
    assert reports[0] == reports[1]


def test_the_command_without_a_model(tmp_path: Path) -> None:
    questions, answers = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_text(QUESTION_LINES)
    answers.write_text(json.dumps(CITY.to_dict(id="paid")))

    def refuse(folder: Path | None) -> ScriptedBot:
        raise AssertionError("no chatbot is needed")

    out = tmp_path / "out"
    assert run(arguments(str(questions), "--answers", str(answers), "--out", str(out)), refuse) == 0
    assert load_report(out / "report.json")["missing"] == ["colour"]
    bot = script()
    assert run(arguments(str(questions), "--retrieval-only", "--out", str(out)), lambda _: bot) == 0
    assert bot.asked == []
    assert load_report(out / "report.json")["retrieval"]["all"]["r_at_5"]["value"] == 1
    with pytest.raises(SettingsError, match="exclude each other"):
        run(arguments("--answers", str(answers), "--retrieval-only"), refuse)


def test_broken_off_the_report_covers_what_was_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions, out = tmp_path / "q.jsonl", tmp_path / "out"
    questions.write_text(QUESTION_LINES)
    bot, left = script(paid=CITY), [CITY]

    def ask(question: str) -> Answer:
        if not left:
            raise KeyboardInterrupt
        return left.pop()

    monkeypatch.setattr(bot, "ask", ask)
    assert run(arguments(str(questions), "--out", str(out)), lambda _: bot) == 130
    assert "interrupted: the report covers the 1 of 2 questions answered so far" in capsys.readouterr().err
    report = load_report(out / "report.json")
    assert [result["id"] for result in report["results"]] == ["paid"]
    assert report["missing"] == ["colour"]
    with pytest.raises(KeyboardInterrupt):  # nothing to report
        run(arguments(str(questions), "--out", str(out)), lambda _: bot)


def test_a_failed_question_is_exit_code_1(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text(QUESTION_LINES)
    assert run(arguments(str(questions), "--out", str(tmp_path / "out")), lambda _: script(paid=CITY)) == 1


def test_squad_brings_its_own_articles(tmp_path: Path) -> None:
    qas = [{"id": "s", "question": "Who paid?", "answers": [{"text": "The city", "answer_start": 0}]}]
    data = {"data": [{"title": "bridge", "paragraphs": [{"context": "The city paid for it.", "qas": qas}]}]}
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(data))
    folders: list[Path | None] = []

    def open_bot(folder: Path | None) -> ScriptedBot:
        folders.append(folder)
        return script(paid=CITY)

    assert run(arguments(str(path), "--out", str(tmp_path / "out")), open_bot) == 0
    (folder,) = folders
    assert folder is not None
    assert (folder / "bridge.txt").read_text() == "bridge\n\nThe city paid for it."


def test_an_old_report_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"format": 99}')
    with pytest.raises(QuestionError, match="wanted one that `citewell eval` wrote"):
        load_report(path)
    with pytest.raises(SettingsError, match="cannot be written"):
        write_report(report_of(script()), path)
