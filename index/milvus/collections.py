"""Collections: the two of one index on a Milvus server, and every call that is made to it.

One holds the passages, a row for each citable sentence. The other says what there is: a row for each article, and one
about the index. Milvus has no transactions, so an article's row says "coming" before its passages are sent and "whole"
after: a push that was broken off is told from one that was not, and its remains are found.

No text of a user gets into a filter expression: articles are named there by hashes, words by letters alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import numpy as np

from index.errors import IndexStaleError, StoreError
from index.lexical import K1, B
from index.milvus.connect import connect, told
from index.milvus.place import Place
from index.records import Manifest
from index.vectors import EXACT_ROWS

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

FORMAT = 2
TIMEOUT_S = 60
MOST = 16_384  # rows that Milvus returns at once
TEXT_BYTES = 65_535  # the longest text that Milvus takes
COMING, WHOLE = "coming", "whole"
_ABOUT = "about"  # the row about the index, in place of an article's mark
_AT_ONCE = 500  # articles that one call names

AFRESH = "push the index anew with: citewell index push --replace"

View = Literal["own_vector", "around_vector", "own_bm25", "around_bm25"]
VIEWS: tuple[View, ...] = get_args(View)
VECTORS = VIEWS[:2]
Row = dict[str, Any]  # pymilvus takes a dict for a row
T = TypeVar("T")


def mark_of(article_id: str, content: str) -> str:
    """What an article is called on the server: a hash of its id and of the hash of its text and metadata."""
    return sha256(f"{content} {article_id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key_of(mark: str, number: int) -> str:
    """What a sentence is called on the server."""
    return f"{mark}-{number}"


def signed(mark: np.uint64) -> int:
    """A print as Milvus takes it, which has no unsigned numbers."""
    return int(np.uint64(mark).astype(np.int64))


class Collections:
    """One index on a server. May be shared by threads for searching."""

    def __init__(self, place: Place) -> None:
        """Connect.

        Args:
            place: Which collection of which server.

        Raises:
            StoreError: The server cannot be reached, or refuses.
            SettingsError: pymilvus is not installed.
        """
        self.place = place
        self._passages = place.collection
        self._articles = f"{place.collection}_articles"
        self._client = connect(place)

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def about(self) -> Manifest | None:
        """What the index there was made with.

        Returns:
            Its manifest; None where there is none that could be used.

        Raises:
            StoreError: There is a collection of that name that citewell did not make.
            IndexStaleError: It is of another version of citewell.
        """
        with told(self.place):
            passages, articles = (self._client.has_collection(n) for n in (self._passages, self._articles))
            if not passages and not articles:
                return None
            found = []
            if articles:
                self._client.load_collection(self._articles)
                found = self._client.get(self._articles, ids=[_ABOUT], output_fields=["state"])
            if not found:
                raise StoreError(f"{self.place}: citewell did not make the collection there; name another after #")
            about = json.loads(found[0]["state"])
            if about.pop("format") != FORMAT:
                raise IndexStaleError(str(self.place), "the collection is of another version of citewell", AFRESH)
            if passages:
                self._client.load_collection(self._passages)
            return Manifest(**about) if passages else None

    def make(self, manifest: Manifest, *, rows: int) -> None:
        """Make empty collections in place of what was there.

        Args:
            manifest: What the index is made with.
            rows: About how many sentences it has.
        """
        from pymilvus import DataType, MilvusClient  # noqa: PLC0415

        with told(self.place):
            for name in (self._articles, self._passages):
                self._client.drop_collection(name)
            schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("mark", DataType.VARCHAR, is_primary=True, max_length=64)
            schema.add_field("state", DataType.VARCHAR, max_length=4096)
            schema.add_field("unused", DataType.FLOAT_VECTOR, dim=2)  # Milvus wants a vector in every collection
            index = MilvusClient.prepare_index_params()
            index.add_index("unused", index_type="FLAT", metric_type="IP")
            self._client.create_collection(
                self._articles, schema=schema, index_params=index, consistency_level="Session"
            )
        self._put_states({_ABOUT: json.dumps({**asdict(manifest), "format": FORMAT})})
        with told(self.place):
            self._make_passages(manifest.dim, rows)

    def _make_passages(self, dim: int, rows: int) -> None:
        from pymilvus import MilvusClient  # noqa: PLC0415

        index = MilvusClient.prepare_index_params()
        kind = "FLAT" if rows <= EXACT_ROWS else "AUTOINDEX"
        for view in VIEWS:
            if view in VECTORS:
                index.add_index(view, index_type=kind, metric_type="IP")
            else:
                index.add_index(
                    view,
                    index_type="SPARSE_INVERTED_INDEX",
                    metric_type="BM25",
                    params={"params": {"bm25_k1": K1, "bm25_b": B}},  # Milvus Lite looks for them a step deeper
                )
        index.add_index("article", index_type="INVERTED")
        self._client.create_collection(
            self._passages, schema=_passage_schema(dim), index_params=index, consistency_level="Session"
        )

    def states(self) -> dict[str, str]:
        """Mark -> COMING or WHOLE, of every article there."""
        with told(self.place):
            rows = self._client.query_iterator(
                self._articles,
                filter=f'mark != "{_ABOUT}"',
                output_fields=["mark", "state"],
                batch_size=MOST // 2,
                consistency_level="Strong",
            )
            found: dict[str, str] = {}
            while batch := rows.next():
                found |= {row["mark"]: row["state"] for row in batch}
            rows.close()
            return found

    def put(self, marks: Sequence[str], rows: Sequence[Row]) -> None:
        """Send the passages of some articles that have none there.

        Args:
            marks: The articles.
            rows: All their rows, as `_passage_schema` has them.
        """
        self._put_states(dict.fromkeys(marks, COMING))
        with told(self.place):
            for first in range(0, len(rows), 1000):  # some megabytes; a server takes 64 at most
                self._client.insert(self._passages, list(rows[first : first + 1000]), timeout=TIMEOUT_S)
        self._put_states(dict.fromkeys(marks, WHOLE))

    def remove(self, marks: Iterable[str]) -> None:
        """Remove articles with all their passages; those that are not there are passed over."""
        with told(self.place):
            for some in runs(list(marks), _AT_ONCE):
                self._client.delete(self._passages, filter=among("article", some), timeout=TIMEOUT_S)
                self._client.delete(self._articles, ids=some, timeout=TIMEOUT_S)

    def settle(self) -> None:
        """Have the server write down the passages it was sent; they are found before that, but more slowly."""
        with told(self.place):
            self._client.flush(self._passages)

    def search(self, view: View, what: object, *, k: int, where: str = "") -> dict[str, float]:
        """Find sentences by one of the four views.

        Args:
            view: Which.
            what: A vector, float32, shape (dim,); or words, for BM25.
            k: Most sentences to find, at least 1.
            where: A filter expression.

        Returns:
            Key -> cosine or BM25; of BM25 only what shares a word.
        """
        by_words = view not in VECTORS
        with told(self.place):
            (found,) = self._client.search(
                self._passages,
                data=[what],
                anns_field=view,
                filter=where,
                limit=min(k, MOST),
                output_fields=["key"],
                search_params={"metric_type": "BM25" if by_words else "IP"},
                timeout=TIMEOUT_S,
            )
        # Milvus Lite gives BM25 as a negative number
        return {hit["key"]: abs(hit["distance"]) if by_words else hit["distance"] for hit in found}

    def keys(self, where: str, *, k: int) -> list[str]:
        """At most k sentences for which a filter expression holds."""
        with told(self.place):
            found = self._client.query(
                self._passages, filter=where, output_fields=["key"], limit=min(k, MOST), timeout=TIMEOUT_S
            )
        return [row["key"] for row in found]

    def _put_states(self, states: Mapping[str, str]) -> None:
        rows = [{"mark": mark, "state": state, "unused": [0.0, 0.0]} for mark, state in states.items()]
        with told(self.place):
            for some in runs(rows, _AT_ONCE):
                self._client.upsert(self._articles, some, timeout=TIMEOUT_S)


def among(field: str, values: Iterable[str]) -> str:
    """The filter expression for a field that has one of some values; these are hashes and numbers, never a user's."""
    return f"{field} in {json.dumps(sorted(values))}"


def runs(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut items into runs of at most a size."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def _passage_schema(dim: int) -> CollectionSchema:
    """A sentence with its passage: two vectors, and the words of both, of which the server makes BM25."""
    from pymilvus import DataType, Function, FunctionType, MilvusClient  # noqa: PLC0415

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("article", DataType.VARCHAR, max_length=64)  # its mark
    schema.add_field("same", DataType.INT64)  # print of the sentence's words, 0 where they are too few
    for part in ("own", "around"):
        schema.add_field(f"{part}_vector", DataType.FLOAT_VECTOR, dim=dim)
        # the words are stemmed already, by the same code as the local index: all that is left is to part them
        words = {"max_length": TEXT_BYTES, "enable_analyzer": True, "analyzer_params": {"tokenizer": "standard"}}
        schema.add_field(f"{part}_words", DataType.VARCHAR, **words)
        schema.add_field(f"{part}_bm25", DataType.SPARSE_FLOAT_VECTOR)
        function = Function(
            name=f"{part}_bm25",
            function_type=FunctionType.BM25,
            input_field_names=[f"{part}_words"],
            output_field_names=[f"{part}_bm25"],
        )
        schema.add_function(function)
    return schema
