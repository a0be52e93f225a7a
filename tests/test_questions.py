from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from index.article import Article, Sentence
from index.errors import QuestionError
from index.load import load_folder
from index.sentences import split_article
from qa.metrics import Quote
from qa.questions import TYPES, Question, QuestionSet, load_default, load_questions, sample
from qa.squad import load_squad, squad_articles, write_articles

SEEDS = Path(__file__).parent.parent / "seeds"


def write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), encoding="utf-8")
    return path


def split(article: Article) -> tuple[Sentence, ...]:
    return split_article(article).sentences


def test_default_questions_are_about_the_sample_articles() -> None:
    questions = load_default()
    assert Counter(q.type for q in questions.questions) == {
        "single": 24, "multi": 10, "conflict": 8, "attribution": 6, "unanswerable": 12,
    }  # fmt: skip
    assert len(questions.chats) == 10
    texts = {path.stem: path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt")}
    for question in questions.all:
        assert question.type in TYPES
        assert bool(question.must_contain) is question.answerable
        assert all(quote.text in texts[quote.article] for quote in question.gold), question.id


def test_a_full_question(tmp_path: Path) -> None:
    record = {
        "id": "q1",
        "question": "When did it open, and who paid?",
        "type": "multi",
        "answers": ["1932, the city"],
        "gold": [{"article": "bridge", "sentence": "It opened in 1932."}, {"article": "city", "sentence": "We paid."}],
        "required": [[0], [1]],
        "must_contain": [["1932"], ["city", "town"]],
        "note": "two articles",
        "reviewed_by": "somebody",
    }
    (question,) = load_questions([write(tmp_path / "q.jsonl", record, "")]).questions
    assert question == Question(
        id="q1",
        question="When did it open, and who paid?",
        type="multi",
        answers=("1932, the city",),
        gold=(Quote("bridge", "It opened in 1932."), Quote("city", "We paid.")),
        required=((0,), (1,)),
        must_contain=(("1932",), ("city", "town")),
        note="two articles",
    )


def test_short_questions_are_filled_in(tmp_path: Path) -> None:
    gold = [{"article": "a", "sentence": "One."}, {"article": "a", "sentence": "Two."}]
    path = write(
        tmp_path / "q.jsonl", {"question": "Which?", "answers": ["this", "that"], "gold": gold}, {"question": "Why?"}
    )
    which, why = load_questions([path]).questions
    assert (which.id, which.type, which.required, which.must_contain) == (
        "line-1", "single", ((0, 1),), (("this", "that"),),
    )  # fmt: skip
    assert (why.id, why.type, why.answerable) == ("line-2", "unanswerable", False)


def test_conversations_and_questions_mix(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"id": "c", "turns": [{"question": "Who?", "answers": ["Ada"]}, {"question": "Why?"}]},
        "\n",
        {"id": "q", "question": "When?", "answers": ["1843"]},
    )
    questions = load_questions([path])
    assert [q.id for q in questions.all] == ["q", "c#1", "c#2"]
    assert [(q.chat, q.turn, q.unit) for q in questions.chats[0]] == [("c", 0, "c"), ("c", 1, "c")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: no JSON"),
        ("[1]", r"line 2: found \[1\]; wanted a JSON object"),
        ({"id": "x"}, "line 2: 'question' is nothing; wanted words"),
        ({"question": " "}, "line 2: 'question' is \" \"; wanted words"),
        ({"question": "a", "type": "hard", "answers": ["b"]}, "line 2: 'type' is \"hard\"; wanted one of single"),
        ({"question": "a", "answers": "b"}, "line 2: 'answers' is \"b\"; wanted a list"),
        ({"question": "a", "answers": [1]}, "line 2: 'answers' is .*; wanted a list of words"),
        ({"question": "a", "answers": ["b"], "gold": [1]}, "line 2: 'gold' is .*; wanted a list of JSON objects"),
        ({"question": "a", "answers": ["b"], "gold": [{"article": "c"}]}, "line 2, gold 0: 'sentence' is nothing"),
        ({"question": "a", "answers": ["b"], "required": [[0]]}, "line 2: 'required' is .* the 0 sentences"),
        ({"question": "a", "answers": ["b"], "required": [["x"]]}, "line 2: 'required' is"),
        ({"question": "a", "must_contain": ["b"]}, "line 2: 'must_contain' is .*; wanted groups"),
        ({"question": "a", "type": "single"}, "line 2: 'must_contain' is nothing; wanted at least one group"),
        ({"id": "c", "turns": []}, "line 2: 'turns' is .*; wanted at least one question"),
        ({"id": "c", "turns": [{}]}, "line 2, turns 0: 'question' is nothing"),
        ({"id": "ok", "question": "again?"}, "the id 'ok' is used twice"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, message: str) -> None:
    path = write(tmp_path / "q.jsonl", {"id": "ok", "question": "fine?"}, line)
    with pytest.raises(QuestionError, match=message) as caught:
        load_questions([path])
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="cannot be read"):
        load_questions([tmp_path / "none.jsonl"])
    with pytest.raises(QuestionError, match="no questions"):
        load_questions([write(tmp_path / "empty.jsonl", "")])
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "\xe9"}')
    with pytest.raises(QuestionError, match="UTF-8"):
        load_questions([tmp_path / "latin.jsonl"])


def test_a_sample_is_half_answerable_and_repeats() -> None:
    asked = tuple(Question(id=str(n), question="?", type="single" if n % 3 else "unanswerable") for n in range(30))
    turns = (Question(id="c#1", question="?", chat="c"),)
    drawn = sample(QuestionSet(asked, (turns,)), size=9, seed=7)
    assert Counter(q.answerable for q in drawn.questions) == {True: 5, False: 4}
    assert not drawn.chats
    assert drawn == sample(QuestionSet(asked), size=9, seed=7)
    assert drawn != sample(QuestionSet(asked), size=9, seed=8)
    assert [int(q.id) for q in drawn.questions] == sorted(int(q.id) for q in drawn.questions)
    assert len(sample(QuestionSet(asked), size=1000, seed=0).questions) == 30
    with pytest.raises(QuestionError, match="at least 1"):
        sample(QuestionSet(asked), size=0, seed=0)


def squad(*qas: dict[str, object]) -> dict[str, object]:
    context = "Ada wrote notes. They appeared in 1843, in London."
    paragraphs = [{"context": "First words.", "qas": []}, {"context": context, "qas": list(qas)}]
    return {"version": "v2.0", "data": [{"title": "Ada_Byron", "paragraphs": paragraphs}]}


ANSWERED = {
    "id": "s1",
    "question": "When did they appear?",
    "is_impossible": False,
    "answers": [
        {"text": "1843", "answer_start": 34},
        {"text": "in 1843", "answer_start": 31},
        {"text": "1843", "answer_start": 34},
    ],
}


def test_squad(tmp_path: Path) -> None:
    path = write(tmp_path / "s.json", squad(ANSWERED, {"id": "s2", "question": "Why?", "is_impossible": True}))
    (article,) = squad_articles(path)
    assert (article.id, article.title) == ("Ada_Byron", "Ada Byron")
    assert article.text == "Ada Byron\n\nFirst words.\n\nAda wrote notes. They appeared in 1843, in London."
    one, two = load_squad(path, split=split).questions
    assert one.gold == (Quote("Ada_Byron", "They appeared in 1843, in London."),)
    assert (one.type, one.required, one.must_contain) == ("single", ((0,),), (("1843", "in 1843"),))
    assert (two.type, two.gold, two.required) == ("unanswerable", (), ())


def test_squad_answers_in_several_sentences(tmp_path: Path) -> None:
    answers = [{"text": "Ada", "answer_start": 0}, {"text": "notes. They", "answer_start": 10}]
    path = write(tmp_path / "s.json", squad({"id": "s", "question": "Who?", "answers": answers}))
    (question,) = load_squad(path, split=split).questions
    assert [quote.text for quote in question.gold] == ["Ada wrote notes.", "They appeared in 1843, in London."]
    assert question.required == ((0, 1),)


def test_squad_articles_load_as_they_were_written(tmp_path: Path) -> None:
    articles = squad_articles(write(tmp_path / "s.json", squad(ANSWERED)))
    folder = write_articles(articles, tmp_path)
    before = (folder / "Ada_Byron.txt").stat().st_mtime_ns
    assert write_articles(articles, tmp_path) == folder
    assert (folder / "Ada_Byron.txt").stat().st_mtime_ns == before
    loaded = load_folder(folder).articles
    assert [(a.id, a.text, a.title) for a in loaded] == [(a.id, a.text, a.title) for a in articles]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "no articles"),
        ({"data": []}, "no articles"),
        ({"data": [{"title": "A", "paragraphs": [{"context": "c"}]}]}, "no questions"),
        ({"data": [{"paragraphs": []}]}, "data 0: 'title' is nothing"),
        ({"data": [{"title": "A", "paragraphs": []}, {"title": "A", "paragraphs": []}]}, "second article"),
        (squad({"id": "s", "question": "?"}), "'answers' is nothing; wanted at least one answer"),
        (squad({"id": "s", "question": "?", "answers": [{"text": "x", "answer_start": 900}]}), "inside the paragraph"),
    ],
)
def test_bad_squad(tmp_path: Path, data: object, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        load_squad(write(tmp_path / "s.json", data), split=split)


def test_the_worked_example_of_the_docs(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "docs" / "evaluation.md").read_text(encoding="utf-8")
    article = Article("bridge", text.split("```text\n")[1].split("```")[0], "The harbour bridge")
    (tmp_path / "q.jsonl").write_text(text.split("```json\n")[1].split("```")[0], encoding="utf-8")
    questions = load_questions([tmp_path / "q.jsonl"])
    assert [q.type for q in questions.all] == ["single", "unanswerable", "conflict", "single", "unanswerable"]
    sentences = {sentence.text for sentence in split(article)}
    assert {quote.text for q in questions.all for quote in q.gold} <= sentences
