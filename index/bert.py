"""BertEncoder: a BERT sentence encoder read straight from its folder, for speed.

The vectors are those of sentence-transformers, from the same files, without what costs it time: importing it and the
libraries it brings takes several times what a question takes; here torch, tokenizers and safetensors do. Texts of like
length go through the model together, so that hardly any padding is computed, a few at a time, so that what is worked on
stays in the processor's cache. Where the processor multiplies bfloat16 numbers, weights are held as such.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch
    from tokenizers import Encoding, Tokenizer

Vectors = npt.NDArray[np.float32]
# Tokens a forward pass. MiniLM on one core of an EPYC, against 512: with 256 as fast, with 1024 3 % slower, 2048 18 %.
_PASS_TOKENS = 512
# Texts are padded to a multiple of this many tokens: a shape oneDNN has not met costs it as long as some texts take.
_STEP = 16
_PARTS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_LAYER = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
)


@dataclass(frozen=True, slots=True)
class BertShape:
    """What the encoder has to know beside the weights.

    Attributes:
        layers: How many there are.
        heads: Attention heads of a layer.
        epsilon: Of the layer norms.
        max_tokens: Longer texts are cut.
    """

    layers: int
    heads: int
    epsilon: float
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text token by token.

    Attributes:
        vectors: Unit rows, float16, shape (n, dim); each is of its token as it stands in the text.
        spans: Where each stands in the text, from and to, int32, shape (n, 2).
    """

    vectors: npt.NDArray[np.float16]
    spans: npt.NDArray[np.int32]


class BertEncoder:
    """Texts -> unit vectors: the mean of a BERT's last states. May be shared by threads."""

    def __init__(self, folder: Path, shape: BertShape, *, bfloat16: bool) -> None:
        """Read weights and tokenizer.

        Args:
            folder: A sentence-transformers folder of which `read_shape` gave the shape.
            shape: The shape.
            bfloat16: Whether weights and states are held in 16 bits; sums are float32 all the same.

        Raises:
            ValueError: The files are not what the shape says, or are damaged.
        """
        import torch  # noqa: PLC0415 - takes seconds
        from safetensors import SafetensorError  # noqa: PLC0415
        from safetensors.torch import load_file  # noqa: PLC0415

        self._shape = shape
        self._type = torch.bfloat16 if bfloat16 else torch.float32
        self._packed = bfloat16 and _packs()
        self._tokenizer = _tokenizer(folder / "tokenizer.json", shape.max_tokens)
        try:
            weights = load_file(folder / "model.safetensors")
            self._words = weights["embeddings.word_embeddings.weight"]
            positions, kinds = (weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("position", "token_type"))
            self._places = positions + kinds[0]
            self._norm = weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"]
            self._layers = [self._layer(weights, number) for number in range(shape.layers)]
        except (SafetensorError, KeyError) as error:
            raise ValueError(f"model.safetensors holds no such BERT ({error})") from error

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return int(self._words.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; a vector hardly depends on what else is embedded with it.

        Args:
            texts: Any number.

        Returns:
            Unit rows, float32, shape (len(texts), dim).
        """
        import torch  # noqa: PLC0415
        from torch.nn import functional  # noqa: PLC0415

        encoded = self._tokenizer.encode_batch(list(texts))
        found = np.empty((len(encoded), self.dim), dtype=np.float32)
        with torch.inference_mode():
            for places in _passes(encoded):
                states, real = self._forward([encoded[place].ids for place in places])
                found[places] = functional.normalize((states * real[:, :, None]).sum(1), dim=1).numpy()
        return found

    def encode_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Embed texts token by token: the last states themselves, in place of their mean.

        Args:
            texts: Any number. Each is read by itself: in bfloat16 it would show what else somebody has asked for.

        Returns:
            The tokens of each, without those the model adds; those beyond its longest text are not there.
        """
        import torch  # noqa: PLC0415
        from torch.nn import functional  # noqa: PLC0415

        found = []
        with torch.inference_mode():
            for text in self._tokenizer.encode_batch(list(texts)):
                states, _ = self._forward([text.ids])
                own = np.flatnonzero(np.logical_not(text.special_tokens_mask))
                vectors = functional.normalize(states[0], dim=1).half().numpy()
                found.append(Tokens(vectors[own], np.array(text.offsets, dtype=np.int32)[own]))
        return found

    def _layer(self, weights: dict[str, torch.Tensor], number: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Weight and bias of each step of a layer; query, key and value in one."""
        import torch  # noqa: PLC0415

        pairs = [tuple(weights[f"encoder.layer.{number}.{name}.{of}"] for of in ("weight", "bias")) for name in _LAYER]
        joined = tuple(torch.cat(parts) for parts in zip(*pairs[:3], strict=True))
        layer = [(weight.to(self._type), bias.to(self._type)) for weight, bias in (joined, *pairs[3:])]
        if not self._packed:
            return layer
        return [(_pack(weight) if weight.dim() == 2 else weight, bias) for weight, bias in layer]  # noqa: PLR2004

    def _forward(self, ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Last states of texts given as tokens, the longest first, and which are no padding.

        float32, shape (len(ids), longest, dim); bool, shape (len(ids), longest).
        """
        import torch  # noqa: PLC0415
        from torch.nn import functional  # noqa: PLC0415

        count, epsilon = len(ids), self._shape.epsilon
        longest = min(-(-len(ids[0]) // _STEP) * _STEP, len(self._places))
        linear, linear_gelu = (_linear_packed, _gelu_packed) if self._packed else (functional.linear, _gelu)
        lengths = torch.tensor([len(text) for text in ids])
        padded = torch.tensor([[*text, *[0] * (longest - len(text))] for text in ids])
        real = torch.arange(longest) < lengths[:, None]  # (count, longest)
        mask = None if bool(real.all()) else real[:, None, None, :]
        states = functional.embedding(padded, self._words) + self._places[:longest]
        states = functional.layer_norm(states, (self.dim,), *self._norm, epsilon).to(self._type)
        for three, mixed, norm, wide, narrow, last_norm in self._layers:
            heads = linear(states, *three).view(count, longest, 3, self._shape.heads, -1)
            query, key, value = heads.permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
            seen = linear(seen.transpose(1, 2).reshape(count, longest, -1), *mixed)
            states = functional.layer_norm(states + seen, (self.dim,), *norm, epsilon)
            inner = linear(linear_gelu(states, *wide), *narrow)
            states = functional.layer_norm(states + inner, (self.dim,), *last_norm, epsilon)
        return states.float(), real


def read_shape(folder: Path) -> BertShape | None:
    """Look whether a sentence-transformers folder holds what BertEncoder does, and nothing besides.

    Args:
        folder: The folder.

    Returns:
        The shape of its BERT; None for a model of another kind, pooling, prompts or tokenizer, and for files that say
        what is not known here.
    """
    try:
        parts = _json(folder / "modules.json")
        model = _json(folder / "config.json")
        reading = _json(folder / "sentence_bert_config.json")
        pooling = _json(folder / parts[1]["path"] / "config.json")
        named = folder / "config_sentence_transformers.json"
        prompts = _json(named).get("prompts", {}) if named.exists() else {}
        fits = (
            [part["type"].rsplit(".", 1)[-1] for part in parts] in _PARTS
            and [model["model_type"], model["architectures"], model["hidden_act"]] == ["bert", ["BertModel"], "gelu"]
            and model.get("position_embedding_type", "absolute") == "absolute"
            and [name for name, on in pooling.items() if name.startswith("pooling_mode") and on]
            == ["pooling_mode_mean_tokens"]
            and reading.keys() <= {"max_seq_length", "do_lower_case"}
            and not reading.get("do_lower_case")
            and not any(prompts.values())
            and (folder / "tokenizer.json").is_file()
        )
        most = min(reading["max_seq_length"], model["max_position_embeddings"])
        shape = BertShape(model["num_hidden_layers"], model["num_attention_heads"], model["layer_norm_eps"], most)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # files of another layout, which sentence-transformers may know
    return shape if fits else None


def multiplies_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Look whether the processor has instructions for bfloat16; without them float32 is faster.

    Args:
        cpuinfo: What Linux says of the processor.

    Returns:
        False also where nothing is said, as on other systems.
    """
    return cpuinfo.is_file() and bool(re.search(r"^flags\b.*\b(?:avx512_bf16|amx_bf16)\b", cpuinfo.read_text(), re.M))


# oneDNN wants weights in an order of its own, and puts them so for each product, which takes a tenth of the time. torch
# packs them once where it compiles a model; these are the steps it does that with. They are not public: hence the look.
@cache
def _packs() -> bool:
    """Whether this torch packs weights on this processor, and gets the same with them."""
    import torch  # noqa: PLC0415

    try:
        states, weight = torch.eye(16, dtype=torch.bfloat16), torch.linspace(-1, 1, 256).view(16, 16).bfloat16()
        found = _gelu_packed(states, _pack(weight), weight[0])
    except (RuntimeError, AttributeError, TypeError):  # none there, or with other arguments, or not for this processor
        return False
    return torch.allclose(found.float(), _gelu(states, weight, weight[0]).float(), atol=0.02)


def _pack(weight: torch.Tensor) -> torch.Tensor:
    import torch  # noqa: PLC0415

    return cast("torch.Tensor", torch.ops.mkldnn._reorder_linear_weight(weight, _PASS_TOKENS))


def _linear_packed(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, then: str = "none") -> torch.Tensor:
    """As `functional.linear`, with a packed weight."""
    import torch  # noqa: PLC0415

    return cast("torch.Tensor", torch.ops.mkldnn._linear_pointwise(states, weight, bias, then, [], "none"))


def _gelu_packed(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return _linear_packed(states, weight, bias, "gelu")


def _gelu(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    from torch.nn import functional  # noqa: PLC0415

    return functional.gelu(functional.linear(states, weight, bias))


def _tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    from tokenizers import Tokenizer  # noqa: PLC0415

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises Exception itself
        raise ValueError(f"tokenizer.json cannot be read ({error})") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _passes(encoded: Sequence[Encoding]) -> Iterator[list[int]]:
    """The places of texts that go through the model together, the longest first."""
    order = sorted(range(len(encoded)), key=lambda place: -len(encoded[place]))
    start = 0
    while start < len(order):
        end = start + max(1, _PASS_TOKENS // max(1, len(encoded[order[start]])))
        yield order[start:end]
        start = end


def _json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    return json.loads(path.read_text(encoding="utf-8"))
