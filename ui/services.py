"""What page.js asks of the server beside questions: an article to read, answers to take along, files to add.

Each service takes and gives plain JSON. What a browser sends is looked up, never trusted: an article is one of the
bot's, a conversation is its tab's own.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TypedDict

from index.added import user_place
from index.errors import ArticleError, CitewellError
from index.formats.reading import KINDS
from index.load import Loaded
from index.sources import is_web_address
from ui.bot import Bot
from ui.conversation import Conversations
from ui.export import FORMATS, to_text
from ui.feedback import Feedback, Verdict, judged
from ui.frame import count_articles
from ui.loading import Loading, Progress
from ui.prose import visible
from ui.reader import render_article, render_rows

MAX_UPLOAD_BYTES = 30 * 1024 * 1024


class Wanted(TypedDict, total=False):
    """What the reader is to show: an article, a sentence of it, and others to mark."""

    article: str
    sentence: int | None
    cited: list[int]


class Taking(TypedDict, total=False):
    """What is taken along: all of a tab's conversation in one of FORMATS, or one turn as text."""

    tab: str
    form: str
    turn: int


class Taken(TypedDict):
    """A file for the browser to save, or words for its clipboard."""

    suffix: str
    type: str
    text: str


class Judging(TypedDict):
    """What a reader says of the answer of a turn; None takes it back."""

    tab: str
    turn: int
    verdict: Verdict | None


class Upload(TypedDict):
    """A file to add: what it is called, and its bytes in base64."""

    name: str
    data: str


class Shelf(TypedDict):
    """The list of articles as HTML, their number in words, and what could not be done, a line each."""

    rows: str
    count: str
    problems: list[str]
    done: list[str]


def services(
    bot: Bot, conversations: Conversations, loading: Loading, *, adding: bool
) -> Iterator[Callable[..., object]]:
    """The functions that page.js calls by name.

    Args:
        bot: Whose articles are read.
        conversations: Those of all tabs.
        loading: How far the language model is.
        adding: Whether readers may add articles, and remove them.

    Yields:
        Each function.
    """
    yield from _reading_services(bot, conversations)
    yield from _shelf_services(bot, conversations, adding=adding)
    yield from _loading_services(loading)


def _reading_services(bot: Bot, conversations: Conversations) -> Iterator[Callable[..., object]]:

    def read(wanted: Wanted) -> str:
        article = next((a for a in bot.articles if a.id == wanted.get("article")), None)
        if article is None:
            return '<p class="cw-note">This article is not among those here.</p>'
        cited = {number for number in wanted.get("cited") or () if isinstance(number, int)}
        return render_article(article, bot.sentences(article.id), now=wanted.get("sentence"), cited=cited)

    def take(wanted: Taking) -> Taken:
        turns = conversations.get(wanted["tab"]).turns
        if "turn" in wanted:
            answers = [turn.outcome for turn in turns if turn.number == wanted["turn"]]
            return Taken(suffix=".txt", type="text/plain", text="\n".join(to_text(a) for a in answers if a))
        form = FORMATS[wanted["form"]]
        whole = [answer for turn in turns if (answer := turn.outcome)]
        return Taken(suffix=form.suffix, type=form.media_type, text=form.render(whole))

    def judge(wanted: Judging) -> str:
        tab, verdict = wanted["tab"], wanted["verdict"]
        answer = conversations.get(tab).judge(wanted["turn"], verdict)
        if answer is None:
            return "This answer is no longer here; ask again."
        place = user_place(bot.index_folder, "feedback")
        feedback = Feedback(place.with_name(f"{place.name}.jsonl"))
        key = f"{hashlib.sha256(tab.encode()).hexdigest()[:12]}-{wanted['turn']}"  # the tab's own key stays secret
        try:
            feedback.keep(judged(answer, verdict, key=key)) if verdict else feedback.drop(key)
        except CitewellError as error:
            return str(error)
        return f"Kept in {feedback.path}" if verdict else ""

    yield from (read, take, judge)


def _shelf_services(bot: Bot, conversations: Conversations, *, adding: bool) -> Iterator[Callable[..., object]]:
    def shelf(_: object = None, *, problems: Sequence[str] = (), done: Sequence[str] = ()) -> Shelf:
        rows = render_rows(bot.articles, added=bot.added, adding=adding)
        return Shelf(rows=rows, count=count_articles(len(bot.articles)), problems=list(problems), done=list(done))

    def changed(change: Callable[[], Loaded], *, done: str) -> Shelf:
        if not adding:
            return shelf(problems=[f"Articles cannot be {done} on this page."])
        try:
            loaded = change()
        except ArticleError as error:
            return shelf(problems=[error.problem])  # what it is about, the page says
        except CitewellError as error:
            return shelf(problems=[str(error)])
        problems = [*(problem.problem for problem in loaded.problems), *loaded.notes]
        return shelf(problems=problems, done=[article.title for article in loaded.articles])

    def add_file(upload: Upload) -> Shelf:
        return changed(lambda: _add_file(bot, upload), done="added")

    def add_address(url: str) -> Shelf:
        return changed(lambda: _add_address(bot, url), done="added")

    def remove_article(article_id: str) -> Shelf:
        def remove() -> Loaded:
            conversations.in_line(lambda: bot.remove([article_id]))
            return Loaded(())

        return changed(remove, done="removed")

    yield from (shelf, add_file, add_address, remove_article)


def _loading_services(loading: Loading) -> Iterator[Callable[..., object]]:
    def load_again(_: object = None) -> Progress:
        if loading.progress()["failed"]:
            loading.begin()
        return loading.progress()

    def progress(_: object = None) -> Progress:
        return loading.progress()

    yield from (load_again, progress)


def _add_address(bot: Bot, url: str) -> Loaded:
    """Add what a web address leads to. It is never taken for a path."""
    if not is_web_address(url):
        raise ArticleError(url, "is no web address; it should begin with https://")
    return bot.add([url])


def _add_file(bot: Bot, upload: Upload) -> Loaded:
    """Add one uploaded file. Its name is looked at for its kind and its title, and never becomes a path."""
    name, size = visible(upload["name"]), len(upload["data"]) * 3 // 4
    suffix = PurePosixPath(name.lower()).suffix
    if suffix not in KINDS:
        raise ArticleError(name, f"is of no kind that can be read; wanted one of {', '.join(sorted(KINDS))}")
    if size > MAX_UPLOAD_BYTES:
        raise ArticleError(name, f"is {size / 1e6:.0f} MB, more than the {MAX_UPLOAD_BYTES / 1e6:.0f} MB of one upload")
    with tempfile.TemporaryDirectory(prefix="citewell-") as folder:
        path = Path(folder) / f"article{suffix}"
        path.write_bytes(base64.b64decode(upload["data"]))
        return bot.add([path], names=[name])
