"""Sentences -> Passages: each sentence together with its neighbours, so that a pronoun finds its name (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from index.article import Passage, Sentence


def window_passages(sentences: Sequence[Sentence], *, reach: int = 1) -> tuple[Passage, ...]:
    """Put a window of neighbours around every sentence.

    Args:
        sentences: Citable sentences of one article, in order.
        reach: How many neighbours on either side; a paragraph's end is never crossed.

    Returns:
        One passage per sentence, in the same order; empty for no sentences.
    """
    paragraphs = _paragraph_numbers(sentences)
    passages: list[Passage] = []
    for i, paragraph in enumerate(paragraphs):
        first = last = i
        while first > 0 and i - first < reach and paragraphs[first - 1] == paragraph:
            first -= 1
        while last + 1 < len(sentences) and last - i < reach and paragraphs[last + 1] == paragraph:
            last += 1
        passages.append(Passage(tuple(sentences[first : last + 1])))
    return tuple(passages)


def _paragraph_numbers(sentences: Sequence[Sentence]) -> list[int]:
    """For each sentence the number of its paragraph, counted by the line breaks between sentences."""
    numbers: list[int] = []
    for i, sentence in enumerate(sentences):
        if i == 0:
            numbers.append(0)
            continue
        gap = sentence.article.text[sentences[i - 1].end : sentence.start]
        numbers.append(numbers[-1] + ("\n" in gap))
    return numbers
