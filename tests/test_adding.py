"""Articles added by readers: kept through changes of folder and index, and never written into the folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LEEDS, FakeEmbedder, FakeGenerator, Run, knows

from index.added import AddedArticles, added_id
from index.errors import ArticleError, CitewellError, QuestionError, SettingsError
from qa import Chatbot
from qa.choice import Choice, models_on_disk
from qa.library import Library
from qa.models import ModelStore

HULL = "Hull plans a tram too.\n\nThe line of Hull has 7 stops.\n"


@pytest.fixture
def hull(tmp_path: Path) -> Path:
    path = tmp_path / "Hull & co.txt"
    path.write_text(HULL, encoding="utf-8")
    return path


@pytest.fixture
def bot(clippings: Path, monkeypatch: pytest.MonkeyPatch) -> Chatbot:
    monkeypatch.setattr("qa.library.find_embedder", lambda name, *, report: FakeEmbedder())
    monkeypatch.setattr("qa.chatbot.LlamaGenerator", lambda *args, **options: FakeGenerator())
    return Chatbot.open(clippings)


def ids(bot: Chatbot) -> list[str]:
    return [article.id for article in bot.articles]


def test_an_added_article_is_asked_at_once_and_the_folder_stays(bot: Chatbot, clippings: Path, hull: Path) -> None:
    loaded = bot.add([hull])
    assert [article.id for article in loaded.articles] == ["added-hull-co"]
    assert bot.added == {"added-hull-co"}
    assert bot.search("stops of Hull", k=1)[0].sentence.text == "The line of Hull has 7 stops."
    assert sorted(path.name for path in clippings.iterdir()) == ["leeds.txt", "york.txt"]


def test_it_is_there_when_the_folder_changes_and_the_index_is_built_again(
    bot: Chatbot, clippings: Path, hull: Path
) -> None:
    bot.add([hull])
    hull.unlink()
    (clippings / "york.txt").unlink()
    assert ids(Chatbot.open(clippings)) == ["leeds", "added-hull-co"]
    library = Library.build(clippings, report=lambda line: None)
    assert [article.id for article in library.index.articles] == ["leeds", "added-hull-co"]
    assert library.update(clippings).removed == ()


def test_only_what_was_added_is_removed(bot: Chatbot, clippings: Path, hull: Path) -> None:
    bot.add([hull])
    with pytest.raises(SettingsError, match="leeds: was not added here; remove its file"):
        bot.remove(["leeds"])
    bot.remove(["added-hull-co"])
    assert bot.added == frozenset()
    assert ids(bot) == ids(Chatbot.open(clippings)) == ["leeds", "york"]


def test_an_article_removed_while_it_is_read_is_one_clear_sentence(
    clippings: Path, hull: Path, bot: Chatbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = knows("7 stops", reply="The line of Hull has 7 stops.")
    monkeypatch.setattr("qa.chatbot.LlamaGenerator", lambda *args, **options: reader)
    bot = Chatbot.open(clippings)
    bot.add([hull])
    events = bot.stream("How many stops has the line of Hull?")
    next(events)
    bot.remove(["added-hull-co"])
    with pytest.raises(QuestionError, match="an article was removed while the question was answered; ask again"):
        list(events)


def test_the_command_removes_for_good(run: Run, bot: Chatbot, clippings: Path, hull: Path) -> None:
    bot.add([hull])
    code, _, _ = run("index", "remove", "added-hull-co", "--index", bot.index_folder)
    assert code == 0
    assert ids(Chatbot.open(clippings)) == ["leeds", "york"]


def test_the_same_text_is_added_once_and_other_files_go_on(bot: Chatbot, tmp_path: Path, hull: Path) -> None:
    again, empty = tmp_path / "again.txt", tmp_path / "empty.txt"
    again.write_text(LEEDS, encoding="utf-8")
    empty.touch()
    loaded = bot.add([again, empty, hull], names=["../../etc/again", "e.txt", "../../Hull.txt"])
    assert [str(problem) for problem in loaded.problems] == [
        "../../etc/again: is here already, as “Leeds opens a tram line.”",
        "e.txt: is empty",
    ]
    assert [article.id for article in loaded.articles] == ["added-hull"]


def test_there_is_a_limit(bot: Chatbot, hull: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.adding.MAX_ADDED", 0)
    (problem,) = bot.add([hull]).problems
    assert "one more than the 0 articles that may be added" in str(problem)
    assert bot.added == frozenset()


def test_a_file_of_the_same_id_in_the_folder_wins_and_says_so(bot: Chatbot, clippings: Path, hull: Path) -> None:
    bot.add([hull])
    (clippings / "added-hull-co.txt").write_text("The folder's own text.", encoding="utf-8")
    said: list[str] = []
    opened = Chatbot.open(clippings, report=said.append)
    assert [article.text for article in opened.articles if article.id == "added-hull-co"] == ["The folder's own text."]
    assert any("was added earlier" in line for line in said)
    assert opened.added == {"added-hull-co"}


@pytest.mark.parametrize("damage", ["{", "[]", '{"id": "x"}', '{"id": "x", "text": "t", "title": "t", "odd": 1}'])
def test_a_damaged_file_is_one_clear_line(tmp_path: Path, damage: str) -> None:
    (tmp_path / "1.json").write_text(damage, encoding="ascii")
    with pytest.raises(ArticleError, match="is no article that was added .* remove the file"):
        AddedArticles(tmp_path).articles  # noqa: B018


def test_what_cannot_be_kept_is_one_clear_line(bot: Chatbot, hull: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    with pytest.raises(CitewellError, match="cannot be written"):
        bot.add([hull])
    assert ids(bot) == ["leeds", "york"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Über uns.txt", "added-über-uns"),
        ("../../etc/passwd", "added-passwd"),
        ("C:\\x\\con.txt", "added-con"),
        ("…", "added-article"),
        ("", "added-article"),
        ("a" * 300 + ".txt", "added-" + "a" * 60),
        ("taken.txt", "added-taken-2"),
    ],
)
def test_ids_are_made_of_words(name: str, wanted: str) -> None:
    assert added_id(name, {"added-taken"}) == wanted


# ---- which model


def test_another_model_answers_and_is_named(bot_of: Callable[..., Chatbot]) -> None:
    first, second = FakeGenerator(), FakeGenerator()
    second.name = "second"
    made: list[str] = []

    def make(name: str) -> FakeGenerator:
        made.append(name)
        return second

    choice = Choice(first, others=lambda: ["second", "scripted"], make=make)
    bot = Chatbot(bot_of()._index, first, settings=bot_of().settings, choice=choice)
    assert bot.llm_names == ("scripted", "second")
    assert bot.ask("What did the tram line cost?").llm == "scripted"
    assert made == []
    chat = bot.chat()
    assert chat.ask("What did the tram line cost?", llm="second").llm == "second"
    assert chat.ask("And what of it?", llm="second").llm == "second"
    assert made == ["second"]
    assert second.judged
    with pytest.raises(SettingsError, match="no language model 'third' here; there are: scripted, second"):
        bot.ask("What did it cost?", llm="third")


def test_models_on_disk_are_those_whose_files_are_there(tmp_path: Path) -> None:
    store = ModelStore.open(folder=tmp_path, report=lambda line: None)
    assert models_on_disk(store) == ()
    model = store.find("tiny", "llm")
    path = store.path(model)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(model.size_bytes)
    assert models_on_disk(store) == (model.name,)


def test_kept_articles_are_plain_json(bot: Chatbot, hull: Path, tmp_path: Path) -> None:
    bot.add([hull])
    (path,) = (tmp_path / "data" / "added").glob("*/*.json")
    assert json.loads(path.read_text(encoding="ascii"))["text"] == HULL
