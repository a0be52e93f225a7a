"""Texts -> unit vectors: the Embedder protocol and its adapter for sentence-transformers folders."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.bert import BertEncoder, BertShape, Tokens, multiplies_bfloat16, read_shape
from index.errors import ModelMissingError

Vectors = npt.NDArray[np.float32]
BATCH = 32  # texts a forward pass of sentence-transformers; more only pads more
_AT_ONCE = 1024  # texts that are sorted by length together


class Embedder(Protocol):
    """What an index needs of an embedding model."""

    name: str

    @property
    def dim(self) -> int:
        """Length of every vector."""

    @property
    def fingerprint(self) -> str:
        """Tells weights apart: vectors of two embedders may be mixed only if this is equal."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit rows, float32, shape (len(texts), dim)."""

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        """Unit rows, float32, shape (len(questions), dim)."""


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that can tell tokens apart too: with it the best matches are read word by word."""

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens] | None:
        """The tokens of each text; None from a model of which they are not to be had."""


@dataclass(frozen=True, slots=True)
class _Model:
    """A model in memory, whatever runs it: texts in, unit rows out, and tokens where it tells them."""

    dim: int
    passages: Callable[[Sequence[str]], Vectors]
    questions: Callable[[Sequence[str]], Vectors]
    tokens: Callable[[Sequence[str]], list[Tokens]] | None = None


class SentenceTransformerEmbedder:
    """An embedder from a sentence-transformers folder on disk; the weights are loaded on first use.

    A plain BERT, as the default model is, is run by BertEncoder; every other model by sentence-transformers.
    """

    def __init__(self, folder: Path, *, name: str) -> None:
        self.name = name
        self._folder = folder
        self._model: _Model | None = None
        self._loading = threading.Lock()
        self._fingerprint = ""

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return self._loaded().dim

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of the sha256 of the weights."""
        if not self._fingerprint:
            weights = self._folder / "model.safetensors"
            if not weights.is_file():
                raise ModelMissingError(
                    f"{self._folder}: no model.safetensors there; wanted a sentence-transformers folder"
                )
            with weights.open("rb") as file:
                self._fingerprint = (
                    hashlib.file_digest(file, "sha256").hexdigest()[:16]
                    if hasattr(hashlib, "file_digest")
                    else hashlib.sha256(file.read()).hexdigest()[:16]
                )  # Python 3.10 has no file_digest
        return self._fingerprint

    def load(self) -> None:
        """Load the weights now rather than at the first text."""
        self._loaded()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts to be searched.

        Args:
            texts: Any number; longer ones than the model reads are cut by it.

        Returns:
            Unit rows, float32, shape (len(texts), dim).
        """
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        return self._loaded().passages(texts)

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        """Embed what is searched for.

        Args:
            questions: Any number.

        Returns:
            Unit rows, float32, shape (len(questions), dim).
        """
        if not questions:
            return np.empty((0, self.dim), dtype=np.float32)
        return self._loaded().questions(questions)

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens] | None:
        """Embed texts token by token.

        Args:
            texts: Any number; longer ones than the model reads are cut by it.

        Returns:
            The tokens of each; None where sentence-transformers runs the model, which does not say where they stand.
        """
        embed = self._loaded().tokens
        return None if embed is None else embed(texts)

    def _loaded(self) -> _Model:
        with self._loading:
            if self._model is None:
                try:
                    shape = read_shape(self._folder)
                    self._model = _plain(self._folder, shape) if shape else _any(self._folder)
                except (OSError, ValueError) as error:
                    problem = f"cannot be loaded as an embedding model: {error}"
                    raise ModelMissingError(f"{self._folder}: {problem}") from error
            return self._model


def _plain(folder: Path, shape: BertShape) -> _Model:
    encoder = BertEncoder(folder, shape, bfloat16=multiplies_bfloat16())
    return _Model(encoder.dim, encoder.encode, encoder.encode, encoder.encode_tokens)


def _any(folder: Path) -> _Model:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()
    model = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
    )
    dim = model.get_embedding_dimension()
    if dim is None:
        raise ValueError("the model does not say how long its vectors are")

    def encoded(encode: Callable[..., Vectors], texts: Sequence[str]) -> Vectors:
        vectors = encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    return _Model(dim, partial(encoded, model.encode_document), partial(encoded, model.encode_query))


def embed_in_batches(embedder: Embedder, texts: Sequence[str], *, done: Callable[[int], None] | None = None) -> Vectors:
    """Embed many texts, reporting after each batch.

    Args:
        embedder: The model.
        texts: Any number.
        done: Called with the number of texts just embedded.

    Returns:
        Unit rows, float32, shape (len(texts), dim).
    """
    parts: list[Vectors] = []
    for batch in _batches(texts, _AT_ONCE):
        parts.append(embedder.embed_passages(batch))
        if done is not None:
            done(len(batch))
    return np.concatenate(parts) if parts else np.empty((0, embedder.dim), dtype=np.float32)


def _batches(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
