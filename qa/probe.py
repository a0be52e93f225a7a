"""Probe: what a model knows but does not say, read off a layer in its middle.

Asked to refuse, a small model hardly ever does, and asked whether a source says a statement it nods through more than
half of the false ones; but its states tell one from the other, and a straight line through them is enough (Slobodkin et
al., "The Curious Case of Hallucinatory (Un)answerability", 2023). A line fits one model file and one prompt;
scripts/fit_probe.py fits them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qa.states import States

FOLDER = Path(__file__).parent / "probes"


@dataclass(frozen=True, slots=True)
class Probe:
    """A straight line through the states of a layer.

    Attributes:
        weights: float32, shape (size of a state,).
        bias: Added to the product of both.
    """

    weights: States
    bias: float

    def log_odds(self, state: States) -> float:
        """How surely it is so, from the state of a prompt's last token; above 0 is rather yes."""
        return float(self.weights @ state) + self.bias


@dataclass(frozen=True, slots=True)
class Probes:
    """Those fitted for one model.

    Attributes:
        layer: The number of the layer they read, from 0.
        named: By the name that prompts have for them.
    """

    layer: int
    named: Mapping[str, Probe]


def find_probes(model: Path) -> Probes | None:
    """The probes that fit a model.

    Args:
        model: A GGUF file.

    Returns:
        Its probes; None where none were fitted for a file of this name and size.
    """
    path = FOLDER / f"{model.stem}.safetensors"
    if not path.is_file():
        return None
    from safetensors import safe_open  # noqa: PLC0415 - only for models that have one

    with safe_open(path, framework="numpy") as file:
        about = file.metadata()
        if int(about["model_bytes"]) != model.stat().st_size:
            return None
        named = {name: Probe(file.get_tensor(name), float(about[f"{name}_bias"])) for name in file.keys()}  # noqa: SIM118
        return Probes(int(about["layer"]), named)
