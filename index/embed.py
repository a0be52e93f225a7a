"""Texts -> unit vectors: the Embedder protocol and its sentence-transformers adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import ModelMissingError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
BATCH = 64  # texts a forward pass; more only pads more


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


class SentenceTransformerEmbedder:
    """An embedder from a sentence-transformers folder on disk; the weights are loaded on first use."""

    def __init__(self, folder: Path, *, name: str) -> None:
        self.name = name
        self._folder = folder
        self._model: SentenceTransformer | None = None
        self._fingerprint = ""

    @property
    def dim(self) -> int:
        """Length of every vector."""
        dim = self._loaded().get_embedding_dimension()
        if dim is None:
            raise ModelMissingError(f"{self._folder}: the model does not say how long its vectors are")
        return dim

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
        vectors = self._loaded().encode_document(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        """Embed what is searched for.

        Args:
            questions: Any number.

        Returns:
            Unit rows, float32, shape (len(questions), dim).
        """
        if not questions:
            return np.empty((0, self.dim), dtype=np.float32)
        vectors = self._loaded().encode_query(
            list(questions), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
            from transformers.utils import logging  # noqa: PLC0415

            logging.disable_progress_bar()
            try:
                self._model = SentenceTransformer(
                    str(self._folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
                )
            except (OSError, ValueError) as error:
                raise ModelMissingError(f"{self._folder}: cannot be loaded as an embedding model: {error}") from error
        return self._model


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
    for batch in _batches(texts, 4 * BATCH):
        parts.append(embedder.embed_passages(batch))
        if done is not None:
            done(len(batch))
    return np.concatenate(parts) if parts else np.empty((0, embedder.dim), dtype=np.float32)


def _batches(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
