"""models.txt -> checked files on disk. The one way to a model: by name, fetched when absent, or by path.

How the command line and Chatbot use it:

    store = ModelStore.open(report=lambda line: ...)     # reads models.txt; touches neither network nor model files
    store.locate(None, "llm")                            # -> GGUF file of the default llm, fetched at first use
    store.locate("all-minilm-l6-v2", "embedder")         # -> its folder
    store.locate("my/model.gguf", "llm")                 # a path is taken as it is
    store.identify(name_or_path, "llm")                  # -> what answers and reports call it
    models_list_rows(store)                              # `citewell models list`
    store.fetch(model), store.check(model)               # `citewell models fetch` and `check`, for store.choose(names)
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.errors import ModelMissingError
from qa.catalogue import Model, Role, find_model, load_catalogue
from qa.fetch import Report, fetch_files, size_words
from qa.verified import check_own, find_faults, is_noted, note_verified, refuse_strangers, size_fault
from qa.wheels import growing_bytes

Status = Literal["ready", "unchecked", "partial", "damaged", "absent"]

_ROLES: tuple[Role, ...] = ("llm", "embedder")


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is on disk of a model.

    `status` is "ready" (there, and hashed since it last changed), "unchecked" (there, not hashed yet: the first use
    does that), "partial" (a fetch was interrupted), "damaged" or "absent"; `fault` says what is wrong, if anything.
    """

    model: Model
    status: Status
    path: Path
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ModelStore:
    """The models that are known, and the folder their files are in."""

    folder: Path
    models: tuple[Model, ...]
    report: Report

    @classmethod
    def open(
        cls, *, folder: Path | None = None, catalogue: Path | None = None, report: Report | None = None
    ) -> ModelStore:
        """Read the list of models.

        Args:
            folder: Where model files are kept; by default CITEWELL_MODELS, else a folder of the user's cache.
            catalogue: The list; by default the models.txt that ships with citewell.
            report: Takes one line for the user at a time; by default they go to stderr.

        Returns:
            The store. Nothing has been fetched or hashed.

        Raises:
            SettingsError: The list cannot be read.
        """
        return cls(
            folder=folder if folder is not None else models_folder(),
            models=load_catalogue(catalogue),
            report=report if report is not None else _to_stderr,
        )

    def find(self, name: str | None, role: Role) -> Model:
        """Look a model up.

        Args:
            name: A name or use from models.txt, in any case; None stands for the default.
            role: What the model is for.

        Returns:
            The model.

        Raises:
            ModelMissingError: There is none; the message lists those there are.
        """
        return find_model(self.models, name, role=role)

    def choose(self, names: tuple[str, ...]) -> tuple[Model, ...]:
        """Look up the models that `models fetch` and `models check` are asked for.

        Args:
            names: Names or uses, of any role.

        Returns:
            The models; with no names, the default of each role.

        Raises:
            ModelMissingError: A name is unknown.
        """
        if not names:
            return tuple(self.find(None, role) for role in _ROLES)
        chosen = []
        for name in names:
            is_embedder = any(name.lower() == model.name.lower() for model in self.models if model.role == "embedder")
            chosen.append(self.find(name, "embedder" if is_embedder else "llm"))
        return tuple(chosen)

    def identify(self, name_or_path: str | Path | None, role: Role) -> str:
        """Say what answers and reports call a model.

        Args:
            name_or_path: As for `locate`.
            role: What the model is for.

        Returns:
            Its name in models.txt, or the last part of its path.

        Raises:
            ModelMissingError: The name is unknown.
        """
        path = self._own_path(name_or_path, role)
        return path.name if path else self.find(_as_name(name_or_path), role).name

    def locate(self, name_or_path: str | Path | None, role: Role) -> Path:
        """Give what is to be loaded, checked; fetch it when it is absent or damaged, and say so.

        Args:
            name_or_path: A name or use from models.txt, or the path of any other GGUF file or sentence-transformers
                folder; None stands for the default of the role.
            role: What the model is for.

        Returns:
            A GGUF file (llm) or a folder (embedder). Every file of a model of models.txt fits its sha256.

        Raises:
            ModelMissingError: The name is unknown, the path is no such model, or it cannot be fetched.
        """
        if path := self._own_path(name_or_path, role):
            return check_own(path, role)
        model = self.find(_as_name(name_or_path), role)
        path = self.path(model)
        if self._faults(model):
            self.fetch(model)
        if role == "embedder":
            refuse_strangers(model, path)
        return path

    def path(self, model: Model) -> Path:
        """Where a model's file (llm) or folder (embedder) is, or will be."""
        home = self.folder / model.name
        return home / model.files[0].name if model.role == "llm" else home

    def fetch(self, model: Model) -> Path:
        """Make a model whole: hash what is there, fetch the rest. Waits while another process does the same.

        Args:
            model: A model of this store.

        Returns:
            The file or folder to load.

        Raises:
            ModelMissingError: It cannot be fetched; the message says what was tried and what to do.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415  keeps `citewell --help` light

        try:
            (self.folder / ".partial").mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".partial" / f"{model.name}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                self.report(f"another citewell is fetching {model.name}; waiting for it")
                lock.acquire()
        except OSError as error:
            raise ModelMissingError(f"models cannot be kept in {self.folder}: {error}; set CITEWELL_MODELS") from error
        try:
            self._fetch_faulty(model)
        finally:
            lock.release()
        return self.path(model)

    def state(self, model: Model) -> ModelState:
        """Look at a model's files without hashing them."""
        home = self.folder / model.name
        faults = {file: fault for file in model.files if (fault := size_fault(home, file))}
        if not faults:
            return ModelState(model, "ready" if is_noted(model, home) else "unchecked", self.path(model))
        begun = any((self.folder / ".partial" / model.name).glob("*.partial")) or len(faults) < len(model.files)
        status: Status = "partial" if begun else "absent"
        if any((home / file.name).exists() for file in faults):
            status = "damaged"
        return ModelState(model, status, self.path(model), "; ".join(faults.values()))

    def fetched(self, name_or_path: str | Path | None, role: Role) -> tuple[int, int]:
        """Look how far a fetch is, whoever does it.

        Args:
            name_or_path: As for `locate`.
            role: What the model is for.

        Returns:
            Bytes of the model that are on disk, and bytes it has in all; both 0 for a path.
        """
        if self._own_path(name_or_path, role):
            return 0, 0
        model = self.find(_as_name(name_or_path), role)
        home, work = self.folder / model.name, self.folder / ".partial" / model.name
        whole = sum(file.size_bytes for file in model.files if not size_fault(home, file))
        begun = growing_bytes(work) if whole < model.size_bytes else 0
        return min(whole + begun, model.size_bytes), model.size_bytes

    def check(self, model: Model) -> ModelState:
        """Hash all files of a model, whatever was noted before.

        Args:
            model: A model of this store.

        Returns:
            "ready", "damaged" with what was found and wanted, or as `state` says if files are absent.

        Raises:
            ModelMissingError: A file cannot be read.
        """
        state = self.state(model)
        if state.status in {"absent", "partial"}:
            return state
        faults = self._faults(model, rehash=True)
        return ModelState(model, "damaged" if faults else "ready", self.path(model), "; ".join(faults))

    def _fetch_faulty(self, model: Model) -> None:
        """Fetch the files that are absent or do not fit, and tell the user why."""
        home = self.folder / model.name
        faults = find_faults(model, home, rehash=False)
        if not faults:
            return
        damaged = [fault for file, fault in faults.items() if (home / file.name).exists()]
        if damaged:
            self.report(f"{model.name} in {home} is damaged and will be fetched again: {'; '.join(damaged)}")
        size = size_words(sum(file.size_bytes for file in faults))
        self.report(f"fetching {model.title} ({size}, {model.licence}) into {home}")
        fetch_files(model, tuple(faults), folder=self.folder, report=self.report)
        note_verified(model, home, model.files)
        self.report(f"{model.name} is there, and its sha256 fits")

    def _faults(self, model: Model, *, rehash: bool = False) -> tuple[str, ...]:
        """What is wrong with a model's files; a file that cannot be read ends it."""
        try:
            return tuple(find_faults(model, self.folder / model.name, rehash=rehash).values())
        except OSError as error:
            raise ModelMissingError(f"{model.name} cannot be read: {error}") from error

    def _own_path(self, name_or_path: str | Path | None, role: Role) -> Path | None:
        """Take what is no known name, but looks like a path or exists, as the user's own model."""
        if name_or_path is None:
            return None
        name = str(name_or_path).lower()
        if any(model.role == role and name in {model.name.lower(), model.use} for model in self.models):
            return None
        path = Path(name_or_path).expanduser()
        looks_like_path = isinstance(name_or_path, Path) or os.sep in name or name.endswith(".gguf")
        return path if looks_like_path or path.exists() else None


def models_folder() -> Path:
    """Where model files are kept: CITEWELL_MODELS, else `models` in citewell's folder of the user's cache."""
    from platformdirs import user_cache_path  # noqa: PLC0415  keeps `citewell --help` light

    named = os.environ.get("CITEWELL_MODELS", "").strip()
    return Path(named).expanduser().absolute() if named else user_cache_path("citewell", appauthor=False) / "models"


def models_list_rows(store: ModelStore) -> list[tuple[str, ...]]:
    """Make the table of `citewell models list`: a head line, then a line per model, in the order of models.txt."""
    rows: list[tuple[str, ...]] = [("name", "role", "use", "size", "licence", "state", "title")]
    for model in store.models:
        size, state = size_words(model.size_bytes), store.state(model).status
        title = f"{model.title} ({model.note})" if model.note else model.title
        rows.append((model.name, model.role, model.use or "", size, model.licence, state, title))
    return rows


def _as_name(name_or_path: str | Path | None) -> str | None:
    """Undo Path for what turned out to be a name."""
    return None if name_or_path is None else str(name_or_path)


def _to_stderr(line: str) -> None:
    """Write a line to stderr without breaking a progress bar."""
    from tqdm import tqdm  # noqa: PLC0415  keeps `citewell --help` light

    tqdm.write(line, file=sys.stderr)
