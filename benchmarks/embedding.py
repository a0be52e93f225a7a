"""Embedding against the plain library call in float32: how fast, and how near the vectors are."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.bert import BertEncoder, multiplies_bfloat16, read_shape
from index.errors import ModelMissingError

Vectors = npt.NDArray[np.float32]
_ROUNDS = 3
_ALONE = 20  # questions embedded one by one


@dataclass(frozen=True, slots=True)
class Embedding:
    """Median seconds of one core, taken in turns, and cosines of the vectors with those of the library.

    Processor time, which other processes lengthen less.

    Attributes:
        texts: How many were embedded at a time.
        bfloat16: Whether the processor multiplies such numbers, so that citewell uses them.
        library: All texts, by SentenceTransformer.encode.
        ours: By citewell.
        ours_float32: By citewell as on a processor without bfloat16.
        library_one: One question by the library.
        ours_one: One question by citewell.
        cosine_least: The least cosine of a vector of citewell with that of the library.
        cosine_mean: The mean of them.
    """

    texts: int
    bfloat16: bool
    library: float
    ours: float
    ours_float32: float
    library_one: float
    ours_one: float
    cosine_least: float
    cosine_mean: float


def time_embedding(folder: Path, texts: Sequence[str], questions: Sequence[str]) -> Embedding:
    """Embed the same texts by the library and by citewell, in turns.

    Args:
        folder: A sentence-transformers folder of a plain BERT.
        texts: What an index would embed.
        questions: Embedded one by one.

    Returns:
        What was measured.

    Raises:
        ModelMissingError: citewell leaves this model to the library, so that there is nothing to compare.
    """
    import torch  # noqa: PLC0415 - takes seconds
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    shape = read_shape(folder)
    if shape is None:
        raise ModelMissingError(f"{folder}: is run by sentence-transformers itself; there is nothing to compare")
    library = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    fast, clock = multiplies_bfloat16(), time.process_time
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other count as busy
    ours, plain = (BertEncoder(folder, shape, bfloat16=bfloat16) for bfloat16 in (fast, False))

    def encode(wanted: Sequence[str]) -> Vectors:
        return np.asarray(library.encode([*wanted], normalize_embeddings=True, show_progress_bar=False))

    ways = (encode, ours.encode, plain.encode)
    for way in ways:
        way(texts[:64])
    many = in_turns([lambda way=way: way(texts) for way in ways], rounds=_ROUNDS, clock=clock)  # type: ignore[misc]
    asked = [questions[number % len(questions)] for number in range(_ALONE)]
    singly = [lambda way=way: [way([question]) for question in asked] for way in ways[:2]]  # type: ignore[misc]
    one = in_turns(singly, rounds=_ROUNDS, clock=clock)
    torch.set_num_threads(threads)
    cosines = (encode(texts) * ours.encode(texts)).sum(axis=1)
    return Embedding(
        len(texts), fast, *many, *(seconds / _ALONE for seconds in one), float(cosines.min()), float(cosines.mean())
    )


def in_turns(
    runs: Sequence[Callable[[], object]], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Median seconds of each of some calls, made in turns, so that whatever else the machine does hits all alike."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, seconds in zip(runs, taken, strict=True):
            started = clock()
            run()
            seconds.append(clock() - started)
    return [statistics.median(seconds) for seconds in taken]
