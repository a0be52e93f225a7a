"""PassageIndex: an index opened for asking. Kept in step with a folder of articles, searched by question."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.article import Article, Hit, Passage, Sentence
from index.embed import Embedder, embed_in_batches
from index.errors import CitewellError, IndexStaleError
from index.lexical import LexicalIndex
from index.load import plain_text
from index.passages import window_passages
from index.retrieve import Retriever
from index.sentences import SPLITTER, Split, split_article
from index.store import FORMAT, REBUILD, ArticleStore, Manifest, Stored, article_hash
from index.vectors import VectorIndex


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


class PassageIndex:
    """Articles, their sentences, and search over them."""

    def __init__(self, store: ArticleStore, embedder: Embedder) -> None:
        """Read a store into memory; use `open` or `build`."""
        self.folder = store.folder
        self._store = store
        self._embedder = embedder
        self._read()

    @classmethod
    def open(cls, folder: Path | str, embedder: Embedder) -> PassageIndex:
        """Open a saved index; nothing is embedded.

        Args:
            folder: An index folder.
            embedder: The model the index was made with.

        Returns:
            The index, ready to search.

        Raises:
            IndexMissingError: There is no index in the folder.
            IndexStaleError: It was made with another format, splitter or model, or it is damaged.
        """
        folder = Path(folder)
        store = ArticleStore.open(folder)
        try:
            if problem := misfit(store.manifest, embedder):
                raise IndexStaleError(folder, problem, REBUILD)
            return cls(store, embedder)
        except CitewellError:
            store.close()
            raise

    @classmethod
    def create(cls, folder: Path | str, embedder: Embedder) -> PassageIndex:
        """Make an empty index in a folder.

        Args:
            folder: Made if need be.
            embedder: The model whose vectors it will hold.

        Returns:
            The empty index.

        Raises:
            IndexStaleError: The folder cannot be written.
        """
        manifest = Manifest(embedder=embedder.name, fingerprint=embedder.fingerprint, dim=embedder.dim)
        return cls(ArticleStore.create(Path(folder), manifest), embedder)

    @property
    def embedder_name(self) -> str:
        """Name of the embedding model."""
        return self._embedder.name

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, in order."""
        return tuple(self._articles.values())

    def split(self, article_id: str) -> Split:
        """All sentences of an article, with those left out marked.

        Args:
            article_id: An id of `articles`.

        Returns:
            The split; KeyError for an unknown id.
        """
        return self._splits[article_id]

    def passage(self, sentence: Sentence) -> Passage:
        """A citable sentence with its neighbours in the paragraph."""
        return self._passages[self._rows[sentence.key]]

    def search(self, question: str, *, k: int, only: Collection[str] | None = None) -> tuple[Hit, ...]:
        """Find the sentences that best match a question, by meaning and by words.

        Args:
            question: Any text.
            k: Most sentences to return; at least 1.
            only: Article ids to search; None for all.

        Returns:
            At most k hits, best first, ranks from 1; empty for an empty index.
        """
        return self.search_many([question], k=k, only=only)[0]

    def search_many(
        self, questions: Sequence[str], *, k: int, only: Collection[str] | None = None
    ) -> list[tuple[Hit, ...]]:
        """Search for many questions; embedding them together is several times faster.

        Args:
            questions: Any texts.
            k: As for `search`.
            only: As for `search`.

        Returns:
            The hits of each question, in order.
        """
        rows = self._allowed(only)
        found = (
            self._retriever.search(question, vector, k=k, rows=rows)
            for question, vector in zip(questions, self._embedder.embed_questions(questions), strict=True)
        )
        return [
            tuple(Hit(self._sentences[row], score, rank) for rank, (row, score) in enumerate(pairs, 1))
            for pairs in found
        ]

    def unknown(self, names: Collection[str]) -> frozenset[str]:
        """Those of some names that no article has a word for."""
        return frozenset(name for name in names if not self._retriever.own_words.knows(name))

    def update(
        self,
        articles: Sequence[Article],
        *,
        remove_others: bool,
        progress: Callable[[int, int], None] | None = None,
    ) -> Update:
        """Bring the index in step with articles: embed the new and changed ones, pass over the rest.

        Args:
            articles: Articles with unique ids.
            remove_others: Whether articles that are not among them are removed.
            progress: Called with (articles done, articles to do) after each one is stored for good.

        Returns:
            What was added, changed and removed.

        Raises:
            IndexStaleError: The index cannot be written; what was stored before stays.
        """
        known = self._store.hashes()
        wanted = {article.id: article for article in articles}
        to_do = [a for a in articles if known.get(a.id) != article_hash(a)]
        removed = tuple(i for i in known if i not in wanted) if remove_others else ()
        for article_id in removed:
            self._store.remove(article_id)
        for done, article in enumerate(to_do, 1):
            self._store.put(embed_article(article, self._embedder), article)
            if progress is not None:
                progress(done, len(to_do))
        update = Update(
            added=tuple(a.id for a in to_do if a.id not in known),
            changed=tuple(a.id for a in to_do if a.id in known),
            removed=removed,
        )
        if remove_others and list(self._store.hashes()) != list(wanted):
            self._store.arrange(wanted)  # an index brought up to date is the same as one built afresh
        if update or list(self._articles) != list(self._store.hashes()):
            self._read()
        return update

    def remove(self, article_ids: Iterable[str]) -> tuple[str, ...]:
        """Remove articles; returns the ids that were there."""
        removed = tuple(i for i in article_ids if self._store.remove(i))
        if removed:
            self._read()
        return removed

    def faults(self) -> tuple[str, ...]:
        """Compare what is stored with what the articles' texts give anew; a line for each difference."""
        faults = list(self._store.faults())
        for article, stored in self._store.read():
            fresh = split_article(article)
            if [(s.start, s.end) for s in fresh.sentences] != [(s.start, s.end) for s in stored.split.sentences]:
                faults.append(f"{article.id}: its sentences are not those of its text")
        return tuple(faults)

    def close(self) -> None:
        """Release the file; what was read can still be searched."""
        self._store.close()

    def _read(self) -> None:
        """Rebuild what is searched from the store."""
        kept = self._store.read()
        dim = self._store.manifest.dim
        self._articles = {article.id: article for article, _ in kept}
        self._splits = {article.id: stored.split for article, stored in kept}
        self._sentences = [s for _, stored in kept for s in stored.split.kept]
        self._rows = {s.key: row for row, s in enumerate(self._sentences)}
        self._passages = [p for _, stored in kept for p in window_passages(stored.split.kept)]
        empty = np.empty((0, dim), dtype=np.float32)
        self._retriever = Retriever(
            own_vectors=VectorIndex(np.concatenate([empty, *(stored.own for _, stored in kept)])),
            around_vectors=VectorIndex(np.concatenate([empty, *(stored.around for _, stored in kept)])),
            own_words=LexicalIndex([plain_text(s.text) for s in self._sentences]),
            around_words=LexicalIndex([plain_text(p.text) for p in self._passages]),
        )

    def _allowed(self, only: Collection[str] | None) -> list[int] | None:
        if only is None:
            return None
        return [row for row, sentence in enumerate(self._sentences) if sentence.article.id in only]


def embed_article(article: Article, embedder: Embedder) -> Stored:
    """Split an article and embed each citable sentence, alone and with its neighbours.

    Args:
        article: Any article.
        embedder: The index's model.

    Returns:
        What the store keeps of it.
    """
    split = split_article(article)
    own = [plain_text(s.text) for s in split.kept]
    around = [plain_text(p.text) for p in window_passages(split.kept)]
    vectors = embed_in_batches(embedder, [*own, *around])
    return Stored(split, vectors[: len(own)], vectors[len(own) :])


def misfit(manifest: Manifest, embedder: Embedder) -> str | None:
    """Why an index cannot be used with an embedder: what was saved and what is wanted, or None."""
    if manifest.format != FORMAT:
        return f"the index has format {manifest.format}, this citewell reads format {FORMAT}"
    if manifest.splitter != SPLITTER:
        return f"its sentences were split by {manifest.splitter}, this citewell uses {SPLITTER}"
    if manifest.fingerprint != embedder.fingerprint:
        saved, wanted = f"{manifest.embedder} ({manifest.fingerprint})", f"{embedder.name} ({embedder.fingerprint})"
        return f"it was embedded with {saved}, not {wanted}"
    return None
