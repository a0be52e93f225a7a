"""PassageIndex: an index opened for asking. Kept in step with a folder of articles, searched by question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.article import Article, Hit, Passage, Sentence
from index.changes import Progress, Report, Update, bring_in_step, make_afresh, manifest_of, misfit
from index.check import faults_of
from index.database import REBUILD
from index.embed import Embedder
from index.errors import IndexStaleError
from index.late_interaction import LateInteraction
from index.memory import load_memory
from index.milvus.place import Place
from index.reprints import bare_words, group_reprints
from index.retrieve import PassageStore
from index.sentences import Split
from index.store import ArticleStore

if TYPE_CHECKING:
    from index.milvus.push import Pushed


class PassageIndex:
    """Articles, their sentences, and search over them. Read into memory when first used; may be shared by threads."""

    def __init__(self, store: ArticleStore, embedder: Embedder) -> None:
        """Take a store that fits the embedder; use `open`, `create` or `build`."""
        self.folder = store.folder
        self._store = store
        self._embedder = embedder
        self._late = LateInteraction(embedder)
        self._opened: PassageStore | None = None
        self._place: Place | None = None  # the server that searches, if it is not this process
        self._loading = threading.Lock()

    @classmethod
    def open(cls, folder: Path | str, embedder: Embedder) -> PassageIndex:
        """Open a saved index; nothing is embedded.

        Args:
            folder: An index folder.
            embedder: The model the index was made with.

        Returns:
            The index; `load` reads it into memory.

        Raises:
            IndexMissingError: There is no index in the folder.
            IndexStaleError: It was made with another splitter or model or a newer format, or it is damaged.
        """
        folder = Path(folder)
        store = ArticleStore.open(folder)
        if problem := misfit(store.manifest, embedder):
            raise IndexStaleError(folder, problem, REBUILD)
        return cls(store, embedder)

    @classmethod
    def create(cls, folder: Path | str, embedder: Embedder) -> PassageIndex:
        """Make an empty index in a folder, or take the one that is there.

        Args:
            folder: Made if need be.
            embedder: The model whose vectors it will hold.

        Returns:
            The index.

        Raises:
            IndexWriteError: The folder cannot be written.
        """
        return cls(ArticleStore.create(Path(folder), manifest_of(embedder)), embedder)

    @classmethod
    def build(
        cls,
        folder: Path | str,
        embedder: Embedder,
        articles: Sequence[Article],
        *,
        progress: Callable[[Progress], None] | None = None,
        report: Report | None = None,
    ) -> PassageIndex:
        """Make an index in place of whatever is in a folder; an index there answers as before until all is done.

        Args:
            folder: Made if need be.
            embedder: The model whose vectors it will hold.
            articles: Articles with unique ids. Those that an interrupted build has embedded are not embedded again.
            progress: Called whenever some more articles are embedded and kept.
            report: Takes a line if another process has to be waited for.

        Returns:
            The index.

        Raises:
            IndexWriteError: The folder cannot be written; an index there stays as it was.
        """
        store = ArticleStore(Path(folder))
        with store.writing(report):
            try:
                store = ArticleStore.create(store.folder, manifest_of(embedder))
                ArticleStore.open(store.folder)
                make_afresh(store, embedder, articles, progress=progress)
            except IndexStaleError:
                store.database.clear()  # nothing of it can be kept
                store = ArticleStore.create(store.folder, manifest_of(embedder))
                make_afresh(store, embedder, articles, progress=progress)
        return cls(store, embedder)

    def search_on(self, place: Place) -> None:
        """Have a Milvus server search, to which the index has been pushed, and push every change from now on."""
        with self._loading:
            self._place, self._opened = place, None

    def push(
        self,
        place: Place,
        *,
        replace: bool = False,
        known: bool = False,
        progress: Callable[[int, int], None] | None = None,
        report: Report | None = None,
    ) -> Pushed:
        """Make a Milvus server hold the passages of this index; as `index.milvus.push.push`."""
        from index.milvus.push import push  # noqa: PLC0415 - only who has such a server needs it

        return push(self._store, place, replace=replace, known=known, progress=progress, report=report)

    def load(self) -> None:
        """Read everything into memory now rather than at the first search."""
        self._loaded()

    @property
    def embedder_name(self) -> str:
        """Name of the embedding model."""
        return self._embedder.name

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, in order."""
        return self._loaded().texts.articles

    def split(self, article_id: str) -> Split:
        """All sentences of an article, with those left out marked; KeyError for an unknown id."""
        return self._loaded().texts.split(article_id)

    def passage(self, sentence: Sentence) -> Passage:
        """A citable sentence with its neighbours in the paragraph."""
        return self._loaded().texts.passage(sentence)

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
        try:
            return self._search(questions, k, only)
        except IndexStaleError:  # a server holds what another process has pushed: is it in the index too?
            if not self._refresh():
                raise
            return self._search(questions, k, only)

    def _search(self, questions: Sequence[str], k: int, only: Collection[str] | None) -> list[tuple[Hit, ...]]:
        loaded = self._loaded()
        asked = [loaded.respelled(question) for question in questions]
        vectors = self._embedder.embed_questions(asked)
        readers = self._late.readers(asked, loaded.texts)
        found = [
            loaded.match(question, vector, k=k, only=only).best(k, close=close)
            for question, vector, close in zip(asked, vectors, readers, strict=True)
        ]
        cited = [[(loaded.texts.sentence(article, number), score) for article, number, score in best] for best in found]
        return [tuple(Hit(*hit, rank) for rank, hit in enumerate(hits, 1)) for hits in cited]

    def respelled(self, question: str) -> str:
        """A question as it is searched for."""
        return self._loaded().respelled(question)

    def put_to(self, question: str, article: Article) -> str:
        """A question in the names an article uses, where articles say that other names are the same thing's."""
        return self._loaded().texts.aliases.put_to(question, article)

    def unknown(self, names: Collection[str]) -> frozenset[str]:
        """Those of some names that no article has a word for."""
        return frozenset(name for name in names if not self._loaded().knows(name))

    def same_words(self, sentence: Sentence) -> tuple[Sentence, ...]:
        """The citable sentences that say the same words as one, in article order: one source, however often printed.

        It is among them, and alone if its words are too few to tell.
        """
        words = bare_words(sentence.text)
        return tuple(s for s in self._loaded().same_prints(sentence) if bare_words(s.text) == words) or (sentence,)

    def reprints(self) -> tuple[tuple[str, ...], ...]:
        """Find the articles that are one text republished, perhaps with small edits.

        Returns:
            Groups of two and more article ids, in article order; an article is in one group at most.
        """
        sketches = self._store.sketches()
        ids = tuple(sketches)
        return tuple(tuple(ids[n] for n in group) for group in group_reprints([*sketches.values()]))

    def update(
        self,
        articles: Sequence[Article],
        *,
        remove_others: bool,
        progress: Callable[[Progress], None] | None = None,
        report: Report | None = None,
    ) -> Update:
        """Bring the index in step with articles, all at once: embed the new and changed ones, pass over the rest.

        Args:
            articles: Articles with unique ids.
            remove_others: Whether articles that are not among them are removed.
            progress: Called whenever some more articles are embedded and kept.
            report: Takes a line if another process has to be waited for.

        Returns:
            What was added, changed and removed.

        Raises:
            IndexWriteError: The index cannot be written; it stays as it was.
        """
        update = bring_in_step(
            self._store, self._embedder, articles, remove_others=remove_others, progress=progress, report=report
        )
        self._follow(changed=bool(update))
        return update

    def remove(self, article_ids: Collection[str], *, report: Report | None = None) -> tuple[str, ...]:
        """Remove articles; returns the ids that were there."""
        with self._store.writing(report):
            known = self._store.hashes()
            removed = tuple(i for i in dict.fromkeys(article_ids) if i in known)
            if removed:
                self._store.publish({}, remove=removed)
        self._follow(changed=bool(removed))
        return removed

    def contents(self) -> tuple[tuple[Article, Split], ...]:
        """Every article with its sentences, in order, as stored now; much faster than to load all for a search."""
        return self._store.contents()

    def faults(self) -> tuple[str, ...]:
        """Compare what is stored with what was stored, and with what the articles' texts give anew; a line each."""
        return faults_of(self._store)

    def _loaded(self) -> PassageStore:
        with self._loading:
            if self._opened is None and self._place is not None:
                from index.milvus.search import open_milvus  # noqa: PLC0415 - only who has such a server needs it

                self._opened = open_milvus(self._store, self._place)
            self._opened = self._opened or load_memory(self._store)
            return self._opened

    def _follow(self, *, changed: bool) -> None:
        """After a change: push it to the server that searches, and look at it from now on."""
        if changed and self._place is not None:
            self.push(self._place, known=True)
        self._refresh()

    def _refresh(self) -> bool:
        """Forget what was read if the store has other articles now; whether it has."""
        with self._loading:
            if self._opened is None or [*self._opened.texts.hashes.items()] == [*self._store.hashes().items()]:
                return False
            self._opened = None
            return True
