"""Fit the probes of qa/probe.py for a language model: `python -m scripts.fit_probe [MODEL]`, about an hour.

scripts/probe/sentences.jsonl has invented sentences. Each has questions it answers and questions it only seems to
answer, and statements it says and statements it only seems to say. After the first 192 the questions are pairs, one
answered and one not, that differ by a word or three, and the statements answer them. None is about the articles that
come with citewell, nor from any set it is measured with. Printed is how well each line tells
them apart on topics it was not fitted to; written is qa/probes/MODEL.safetensors.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from qa.generate import Prompt
from qa.local import LlamaGenerator
from qa.models import ModelStore
from qa.probe import FOLDER
from qa.prompt import answer_prompt, check_prompt, fingerprint, stated
from qa.states import States

SENTENCES = Path(__file__).parent / "probe" / "sentences.jsonl"
LAYER = 18  # of 28; 16 to 20 are about as good, those near the end worse
STRENGTH = {"answer": 0.001, "check": 0.01}  # C of the logistic regressions: the smaller, the smoother the line
# A line's log-odds are turned into those it stands in for, by which the thresholds in qa/settings.py and qa/verify.py
# go. For answers those are the log-odds against the refusal, by spread and middle of both on the sentences judged for
# the questions over seeds/; a line fitted anew keeps the spread and middle that the one before it had there.
SCALE = {"answer": (1.8, 3.6), "check": (1.0, 0.5)}


@dataclass(frozen=True, slots=True)
class Example:
    """One prompt.

    Attributes:
        topic: What its sentence is about.
        kind: "yes", or in what way it is not so.
        state: Of the layer, at the prompt's end.
    """

    topic: str
    kind: str
    state: States


def main() -> int:
    """Fit, tell, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model", nargs="?", help="a language model of models.txt, or the path of a GGUF file")
    parser.add_argument("--layer", type=int, default=LAYER, help="whose states are read (default: %(default)s)")
    given = parser.parse_args()
    path = ModelStore.open(report=print).locate(given.model, "llm")
    generator = LlamaGenerator(lambda: path, name=path.stem, context_tokens=4096, threads=0, layer=given.layer)
    sentences = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    tensors, about = {}, {"layer": str(given.layer), "model_bytes": str(path.stat().st_size), "prompts": fingerprint()}
    for name, read in (("answer", _answers), ("check", _checks)):
        line = _fit(name, [e for given in tqdm(sentences, name) for e in read(generator, given)])
        scale, offset = SCALE[name]
        weights = scale * line["logisticregression"].coef_[0] / line["standardscaler"].scale_
        bias = offset + scale * float(line["logisticregression"].intercept_[0])
        tensors[name] = weights.astype(np.float32)
        about[f"{name}_bias"] = repr(bias - float(weights @ line["standardscaler"].mean_))
    FOLDER.mkdir(exist_ok=True)
    save_file(tensors, FOLDER / f"{path.stem}.safetensors", metadata=about)
    print(f"wrote {FOLDER / path.stem}.safetensors")
    return 0


def _answers(generator: LlamaGenerator, given: dict[str, Any]) -> Iterator[Example]:
    kinds = ["yes"] * len(given["answered"]) + [no["kind"] for no in given["not_answered"]]
    questions = [*given["answered"], *(no["question"] for no in given["not_answered"])]
    prompt = answer_prompt("", given["source"])
    shared = Prompt(prompt.fixed, prompt.last[:-1])
    yield from _examples(generator, given["topic"], shared, [f" {question}" for question in questions], kinds)


def _checks(generator: LlamaGenerator, given: dict[str, Any]) -> Iterator[Example]:
    said = [*given["said"], given["source"]]
    kinds = ["yes"] * len(said) + ["not said"] * len(given["not_said"])
    prompt = check_prompt()
    shared = Prompt(prompt.fixed, (*prompt.last, stated("", given["source"]).rstrip()))
    yield from _examples(
        generator, given["topic"], shared, [f" {claim}" for claim in (*said, *given["not_said"])], kinds
    )


def _examples(
    generator: LlamaGenerator, topic: str, prompt: Prompt, endings: Sequence[str], kinds: Sequence[str]
) -> Iterator[Example]:
    for kind, branched in zip(kinds, generator.try_each(prompt, endings), strict=True):
        assert branched.state is not None
        yield Example(topic, kind, branched.state)


def _fit(name: str, examples: Sequence[Example]) -> Pipeline:
    """The line through all examples; how good it is on topics it has not seen is printed."""
    states = np.array([example.state for example in examples])
    kinds = np.array([example.kind for example in examples])
    yes = kinds == "yes"
    topics = [example.topic for example in examples]
    line = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH[name], max_iter=1000))
    found = cross_val_predict(line, states, yes, groups=topics, cv=LeaveOneGroupOut(), method="decision_function")
    print(f"{name}: {len(examples)} examples; ROC AUC on topics not fitted to {_auc(yes, found, yes | ~yes):.3f}")
    for kind in sorted({*kinds} - {"yes"}):
        print(f"  yes against {kind}: {_auc(yes, found, yes | (kinds == kind)):.3f}")
    return line.fit(states, yes)


def _auc(yes: npt.NDArray[np.bool_], found: npt.NDArray[np.float64], some: npt.NDArray[np.bool_]) -> float:
    return float(roc_auc_score(yes[some], found[some]))


if __name__ == "__main__":
    sys.exit(main())
