"""BertEncoder against sentence-transformers: the same vectors from the same files; and what is left to it."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index.bert import BertEncoder, BertShape, multiplies_bfloat16, read_shape
from index.embed import SentenceTransformerEmbedder
from index.errors import ModelMissingError
from index.load import load_folder
from index.sentences import split_article
from qa.models import ModelStore

pytestmark = pytest.mark.model
Vectors = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def folder() -> Path:
    return ModelStore.open().locate(None, "embedder")


@pytest.fixture(scope="module")
def shape(folder: Path) -> BertShape:
    found = read_shape(folder)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def texts() -> list[str]:
    articles = load_folder(Path(__file__).resolve().parent.parent / "seeds").articles
    sentences = [s.text for article in articles for s in split_article(article).kept]
    odd = ["", " ", "word", "Ünïcödé – naïve café", "日本語の文", "🙂", "x" * 300, "[MASK] is [SEP] no [CLS]", "a\x00b"]
    return [*sentences[:40], *odd, " ".join(sentences[:30])]  # the last is longer than the model reads


@pytest.fixture(scope="module")
def expected(folder: Path, texts: list[str]) -> Vectors:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)


@pytest.mark.parametrize(("bfloat16", "least"), [(False, 0.999999), (True, 0.999)])
def test_vectors_are_those_of_the_library(
    folder: Path, shape: BertShape, texts: list[str], expected: Vectors, *, bfloat16: bool, least: float
) -> None:
    found = BertEncoder(folder, shape, bfloat16=bfloat16).encode(texts)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * expected).sum(axis=1).min() >= least


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_vector_hardly_depends_on_what_it_is_embedded_with(
    folder: Path, shape: BertShape, texts: list[str], *, bfloat16: bool
) -> None:
    encoder = BertEncoder(folder, shape, bfloat16=bfloat16)
    mixed = [*texts]
    random.Random(1).shuffle(mixed)
    together = dict(zip(mixed, encoder.encode(mixed), strict=True))
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert (alone * np.stack([together[text] for text in texts])).sum(axis=1).min() >= (
        0.9999 if bfloat16 else 0.999999
    )


def test_no_texts_give_no_rows(folder: Path, shape: BertShape) -> None:
    assert BertEncoder(folder, shape, bfloat16=False).encode([]).shape == (0, 384)


def changed(folder: Path, place: Path, name: str, **values: object) -> Path:
    """A copy of the model's small files in which one says something else."""
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("*.safetensors"))
    found = json.loads((place / name).read_text(encoding="utf-8"))
    (place / name).write_text(json.dumps({**found, **values}), encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("config.json", {"model_type": "mpnet"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
        ("config_sentence_transformers.json", {"prompts": {"query": "query: "}}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("sentence_bert_config.json", {"modality_config": {}}),
    ],
)
def test_other_models_are_left_to_the_library(
    folder: Path, tmp_path: Path, name: str, values: dict[str, object]
) -> None:
    assert read_shape(changed(folder, tmp_path / "same", name)) is not None
    assert read_shape(changed(folder, tmp_path / "other", name, **values)) is None


def test_a_folder_of_unknown_layout_is_left_to_the_library(tmp_path: Path) -> None:
    assert read_shape(tmp_path) is None
    (tmp_path / "modules.json").write_text('{"not": "a list"}', encoding="utf-8")
    assert read_shape(tmp_path) is None


@pytest.mark.parametrize("damaged", ["model.safetensors", "tokenizer.json"])
def test_damaged_files_are_said_to_be_so(folder: Path, tmp_path: Path, damaged: str) -> None:
    place = tmp_path / "model"
    shutil.copytree(folder, place)
    (place / damaged).write_bytes(b"damaged")
    with pytest.raises(ModelMissingError, match=f"cannot be loaded as an embedding model: {damaged}"):
        SentenceTransformerEmbedder(place, name="damaged").load()


def test_a_model_of_another_kind_is_run_by_the_library(folder: Path, tmp_path: Path) -> None:
    place = changed(folder, tmp_path / "model", "1_Pooling/config.json", pooling_mode_mean_tokens=False,
                    pooling_mode_cls_token=True)  # fmt: skip
    shutil.copy(folder / "model.safetensors", place)
    embedder = SentenceTransformerEmbedder(place, name="other")
    rows = embedder.embed_passages(["A tram line.", "Another one."])
    assert embedder.dim == 384
    assert rows.shape == (2, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(embedder.embed_questions(["A tram line."])[0], rows[0], atol=1e-5)


@pytest.mark.parametrize(
    ("flags", "fast"), [("fpu avx512_bf16 sse", True), ("fpu amx_bf16", True), ("fpu avx512f avx512_bf161", False)]
)
def test_what_the_processor_says_of_bfloat16(tmp_path: Path, flags: str, fast: bool) -> None:
    said = tmp_path / "cpuinfo"
    assert not multiplies_bfloat16(said)
    said.write_text(f"processor\t: 0\nmodel name\t: avx512_bf16 in name only\nflags\t\t: {flags}\n", encoding="utf-8")
    assert multiplies_bfloat16(said) is fast
