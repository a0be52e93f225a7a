"""Bring an index in step with articles: embed what is new or changed, publish it all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.article import Article
from index.embed import Embedder, embed_in_batches
from index.load import plain_text
from index.passages import window_passages
from index.records import Manifest, Stored, article_hash
from index.reprints import take_prints
from index.sentences import SPLITTER, split_article
from index.store import ArticleStore

# Characters of articles that are embedded together, and kept in one transaction, which takes the disk some 20 ms: so
# many texts that there are some of every length, for texts of like length are embedded fastest. A second or two of
# work, which is what is lost at most when a process is killed.
STAGE_CHARS = 50_000

Report = Callable[[str], None]  # takes one line for the user


@dataclass(frozen=True, slots=True)
class Update:
    """What bringing an index up to date came to: article ids."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        counts = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return ", ".join(f"{len(ids)} {verb}" for verb, ids in counts if ids) or "nothing changed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the embedding is; what an interrupted run left counts as done.

    Attributes:
        done: Articles stored for good.
        total: Articles to do.
        chars_now: Characters embedded in this run.
        chars_left: Characters still to embed.
    """

    done: int
    total: int
    chars_now: int
    chars_left: int


def bring_in_step(
    store: ArticleStore,
    embedder: Embedder,
    articles: Sequence[Article],
    *,
    remove_others: bool,
    progress: Callable[[Progress], None] | None = None,
    report: Report | None = None,
) -> Update:
    """Change an index to hold these articles; those it holds already are passed over.

    Args:
        store: The index.
        embedder: The model it was made with.
        articles: Articles with unique ids.
        remove_others: Whether articles that are not among them go, and the rest takes their order.
        progress: Called whenever some more articles are embedded and kept.
        report: Takes a line if another process has to be waited for.

    Returns:
        What was added, changed and removed.

    Raises:
        IndexWriteError: The index cannot be written; it stays as it was.
    """
    wanted = {article.id: article_hash(article) for article in articles}

    def differs(known: dict[str, str]) -> bool:
        return any(known.get(i) != sha256 for i, sha256 in wanted.items()) or (
            remove_others and list(known) != list(wanted)
        )

    if not differs(store.hashes()):  # nothing to write: neither a lock nor a folder that is writable is needed
        return Update()
    with store.writing(report):
        known = store.hashes()  # another process may have done it all while this one waited
        put = {i: sha256 for i, sha256 in wanted.items() if known.get(i) != sha256}
        removed = tuple(i for i in known if i not in wanted) if remove_others else ()
        if differs(known):
            put = stage([a for a in articles if a.id in put], store, embedder, progress)
            store.publish(put, remove=removed, order=list(wanted) if remove_others else None)
    return Update(
        added=tuple(i for i in put if i not in known), changed=tuple(i for i in put if i in known), removed=removed
    )


def make_afresh(
    store: ArticleStore,
    embedder: Embedder,
    articles: Sequence[Article],
    *,
    progress: Callable[[Progress], None] | None = None,
) -> Update:
    """Change an index to hold these articles and no others, each embedded anew; it may have been made otherwise.

    Args:
        store: The index, of whatever embedder and splitter, with `writing` held; it stays as it is until all is done.
        embedder: The model it is made with from now on.
        articles: Articles with unique ids.
        progress: As for `bring_in_step`.

    Returns:
        All articles, as added.

    Raises:
        IndexWriteError: The index cannot be written; it stays as it was.
    """
    wanted = stage(articles, store, embedder, progress)
    store.publish(wanted, remove=list(store.hashes()), order=list(wanted), manifest=manifest_of(embedder))
    return Update(added=tuple(wanted))


def stage(
    articles: Sequence[Article],
    store: ArticleStore,
    embedder: Embedder,
    progress: Callable[[Progress], None] | None = None,
) -> dict[str, str]:
    """Embed and keep those articles that no interrupted run has embedded already.

    Args:
        articles: Articles with unique ids.
        store: The index.
        embedder: The model.
        progress: Called whenever some more are kept.

    Returns:
        Id -> hash of all the articles, as `ArticleStore.publish` takes them.
    """
    hashes = {article.id: article_hash(article) for article in articles}
    made_with = manifest_of(embedder).made_with
    staged = store.staged(made_with)
    missing = [article for article in articles if (article.id, hashes[article.id]) not in staged]
    done, chars_now = len(articles) - len(missing), 0
    chars = sum(len(article.text) for article in missing)
    for batch in _batches(missing):
        store.stage(list(zip(batch, embed_articles(batch, embedder), strict=True)), made_with)
        done, chars_now = done + len(batch), chars_now + sum(len(article.text) for article in batch)
        if progress is not None:
            progress(Progress(done, len(articles), chars_now, chars - chars_now))
    return hashes


def _batches(articles: Sequence[Article]) -> Iterator[list[Article]]:
    """Articles in order, so many at a time that they have `STAGE_CHARS` characters, or are the last."""
    batch, chars = list[Article](), 0
    for article in articles:
        batch.append(article)
        chars += len(article.text)
        if chars >= STAGE_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def embed_articles(articles: Sequence[Article], embedder: Embedder) -> list[Stored]:
    """Split articles and embed each citable sentence, alone and with its neighbours.

    Args:
        articles: Any articles; many short ones are embedded faster together than one by one.
        embedder: The index's model.

    Returns:
        What the store keeps of each.
    """
    splits = [split_article(article) for article in articles]
    own = [plain_text(s.text) for split in splits for s in split.kept]
    around = [plain_text(p.text) for split in splits for p in window_passages(split.kept)]
    vectors = embed_in_batches(embedder, [*own, *around])
    ends = np.cumsum([len(split.kept) for split in splits])[:-1]
    parts = zip(splits, np.split(vectors[: len(own)], ends), np.split(vectors[len(own) :], ends), strict=True)
    return [Stored(split, own_rows, around_rows, take_prints(split)) for split, own_rows, around_rows in parts]


def manifest_of(embedder: Embedder) -> Manifest:
    """What an index made with an embedder says of itself."""
    return Manifest(embedder=embedder.name, fingerprint=embedder.fingerprint, dim=embedder.dim)


def misfit(manifest: Manifest, embedder: Embedder) -> str | None:
    """Why an index cannot be used with an embedder: what was saved and what is wanted, or None."""
    if manifest.splitter != SPLITTER:
        return f"its sentences were split by {manifest.splitter}, this citewell uses {SPLITTER}"
    if manifest.fingerprint != embedder.fingerprint:
        saved, wanted = f"{manifest.embedder} ({manifest.fingerprint})", f"{embedder.name} ({embedder.fingerprint})"
        return f"it was embedded with {saved}, not {wanted}"
    return None
