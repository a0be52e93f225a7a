"""SQuAD 2.0's own JSON -> articles, and questions about them.

Each of its articles becomes one Article: the title as first line, a blank line, then its paragraphs with blank lines
between. The gold sentence is the one that holds an answer, found by SQuAD's own offsets, never by searching.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.article import Article, Sentence
from index.errors import QuestionError
from qa.metrics import Quote
from qa.questions import Question, QuestionSet, Record, parse_object, read_text

Splitter = Callable[[Article], Sequence[Sentence]]


def squad_articles(path: Path) -> list[Article]:
    """Read the articles of a SQuAD file.

    Args:
        path: SQuAD 2.0 JSON.

    Returns:
        Its articles in order; the id is SQuAD's title, which stands with blanks for underscores in the text.

    Raises:
        QuestionError: The file cannot be read, or is no SQuAD 2.0.
    """
    return [source.article for source in _sources(path)]


def write_articles(articles: Sequence[Article], out: Path) -> Path:
    """Write articles as text files that load with the same ids and texts.

    Args:
        articles: Their ids become file names.
        out: Where their folder goes. The folder is named after what is in it, so that another run finds the same
            articles under the same path, with the index that was made of them; nothing is ever deleted.

    Returns:
        The folder.

    Raises:
        QuestionError: The folder cannot be written.
    """
    digest = hashlib.sha256("\0".join(part for a in articles for part in (a.id, a.text)).encode()).hexdigest()
    folder = out / f"articles-{digest[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for article in articles:
            path, data = folder / f"{article.id}.txt", article.text.encode()
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
    except OSError as error:
        raise QuestionError(f"{folder}: the articles of the questions cannot be written there: {error}") from error
    return folder


def load_squad(path: Path, *, split: Splitter) -> QuestionSet:
    """Read the questions of a SQuAD file.

    Args:
        path: SQuAD 2.0 JSON.
        split: Gives an article's sentences, the way the index does.

    Returns:
        Its questions in order: 'single', or 'unanswerable' where SQuAD says impossible.

    Raises:
        QuestionError: The file cannot be read, or is no SQuAD 2.0.
    """
    found = []
    for source in _sources(path):
        sentences = split(source.article)
        for start, paragraph in source.paragraphs:
            found += [_question(record, source.article, sentences, start) for record in paragraph.objects("qas")]
    if not found:
        raise QuestionError(f"{path}: no questions in it; wanted SQuAD 2.0's JSON")
    return QuestionSet(tuple(found))


@dataclass(frozen=True, slots=True)
class _Source:
    """An article, and its paragraphs in SQuAD's JSON with the place of each in the article's text."""

    article: Article
    paragraphs: tuple[tuple[int, Record], ...]


def _sources(path: Path) -> Iterator[_Source]:
    """Each article of the file."""
    data = Record(str(path), parse_object(str(path), read_text(path)))
    seen: set[str] = set()
    for record in data.objects("data"):
        id_ = record.text("title").strip().replace("/", "_")
        if id_ in seen:
            raise QuestionError(f"{record.where}: a second article is titled {id_!r}; wanted each title once")
        seen.add(id_)
        title = id_.replace("_", " ")
        text, paragraphs = title, []
        for paragraph in record.objects("paragraphs"):
            paragraphs.append((len(text) + 2, paragraph))
            text += "\n\n" + paragraph.text("context").replace("\r", " ")
        yield _Source(Article(id_, text, title), tuple(paragraphs))
    if not seen:
        raise QuestionError(f"{path}: no articles in it; wanted SQuAD 2.0's JSON")


def _question(record: Record, article: Article, sentences: Sequence[Sentence], start: int) -> Question:
    """One question; `start` is where its paragraph begins in the article's text."""
    id_, question = record.text("id"), record.text("question")
    if record.values.get("is_impossible") is True:
        return Question(id=id_, question=question, type="unanswerable")
    answers = record.objects("answers")
    if not answers:
        raise record.fail("answers", "at least one answer, or is_impossible")
    held = [sentence for answer in answers for sentence in _holding(answer, sentences, start)]
    gold = {sentence.number: Quote(article.id, sentence.text) for sentence in held}
    texts = tuple(dict.fromkeys(answer.text("text") for answer in answers))
    return Question(
        id=id_,
        question=question,
        type="single",
        answers=texts,
        gold=tuple(gold[number] for number in sorted(gold)),
        required=(tuple(range(len(gold))),),
        must_contain=(texts,),
    )


def _holding(answer: Record, sentences: Sequence[Sentence], start: int) -> list[Sentence]:
    """The sentence that an answer lies in; if it runs over several, all of them."""
    offset = answer.values.get("answer_start")
    if not isinstance(offset, int):
        raise answer.fail("answer_start", "a character offset")
    begin, end = start + offset, start + offset + len(answer.text("text"))
    found = [sentence for sentence in sentences if sentence.start < end and begin < sentence.end]
    if not found:
        raise answer.fail("answer_start", "an offset inside the paragraph")
    return found
