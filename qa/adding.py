"""Articles added by readers, beside those of the folder: taken into an index, kept, and taken out again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.added import AddedArticles, added_id
from index.article import Article
from index.errors import ArticleError, SettingsError
from index.load import Loaded, load_files
from index.passage_index import PassageIndex
from index.sources import load_sources

MAX_ADDED = 500  # articles in one index


@dataclass(frozen=True, slots=True)
class Source:
    """Something to add, as readers know it, and what it came to when it was read."""

    name: str
    stem: str
    loaded: Loaded


def read_sources(sources: Sequence[Path | str], *, names: Sequence[str] | None = None) -> tuple[Source, ...]:
    """Read what is to be added.

    Args:
        sources: Article files as Paths, and web addresses as str; pages of private networks are not fetched.
        names: What readers call them, for ids and messages; by default a file's name, and the address.

    Returns:
        Each of them, read.
    """
    known_as = names or [source.name if isinstance(source, Path) else source for source in sources]
    return tuple(
        Source(name, source.stem, load_files([source]))
        if isinstance(source, Path)
        else Source(name, "", load_sources([source]))
        for source, name in zip(sources, known_as, strict=True)
    )


def add_articles(index: PassageIndex, sources: Sequence[Source]) -> Loaded:
    """Take articles into an index, beside what it holds, and keep them for when it is built again.

    Args:
        index: Searched from now on with the new articles too.
        sources: What was read.

    Returns:
        The articles that were added, with their ids, and the problem of everything that was not.

    Raises:
        CitewellError: The index, or the user's data folder, cannot be written.
    """
    kept = AddedArticles.of(index.folder)
    present = {article.id: article for article in index.articles}
    here = {article.text: article for article in present.values()}
    count = len(kept.ids)
    added: list[Article] = []
    problems: list[ArticleError] = []
    notes: list[str] = []
    for source in sources:
        name = source.name
        problems += [ArticleError(name, problem.problem) for problem in source.loaded.problems]
        notes += source.loaded.notes
        for article in source.loaded.articles:
            if article.text in here:
                problems.append(ArticleError(name, f"is here already, as “{here[article.text].title}”"))
            elif count + len(added) >= MAX_ADDED:
                problems.append(ArticleError(name, f"is one more than the {MAX_ADDED} articles that may be added"))
            else:
                own_name = name if article.id == source.stem else f"{article.id}.txt"
                article = replace(article, id=added_id(own_name, present))
                present[article.id] = here[article.text] = article
                added.append(article)
    if added:
        for article in added:
            kept.keep(article)
        index.update(added, remove_others=False)
    return Loaded(tuple(added), tuple(problems), tuple(notes))


def remove_added(index: PassageIndex, article_ids: Collection[str]) -> None:
    """Take articles that were added out of an index again.

    Args:
        index: Searched from now on without them.
        article_ids: Ids of added articles; the folder's own stay as long as their files do.

    Raises:
        SettingsError: An id is of no article that was added.
    """
    kept = AddedArticles.of(index.folder)
    strangers = sorted(set(article_ids) - set(kept.ids))
    if strangers:
        raise SettingsError(f"{strangers[0]}: was not added here; remove its file from the folder of articles instead")
    kept.drop(article_ids)
    index.remove(tuple(article_ids))


def with_added(loaded: Loaded, index: Path) -> Loaded:
    """What a folder holds, and after it what readers added to its index.

    Args:
        loaded: The folder's own articles.
        index: The index folder.

    Returns:
        All of them; an added article whose id the folder uses now is left out, and a problem says so.

    Raises:
        ArticleError: What was added cannot be read.
    """
    own = {article.id for article in loaded.articles}
    added = AddedArticles.of(index).articles
    problems = tuple(
        ArticleError(article.id, "was added earlier, and is now the name of a file of the folder; rename the file")
        for article in added
        if article.id in own
    )
    articles = (*loaded.articles, *(article for article in added if article.id not in own))
    return replace(loaded, articles=articles, problems=(*loaded.problems, *problems))
