"""Under which conditions a report was made: date, machine, versions, models and their hashes, settings, files."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from qa.catalogue import load_catalogue
from qa.evaluate import Bot
from qa.scores import Result

PACKAGES = (
    "citewell",
    "bm25s",
    "faiss-cpu",
    "ir-measures",
    "llama-cpp-python",
    "numpy",
    "sentence-transformers",
    "syntok",
    "torch",
)


def describe_run(
    results: Sequence[Result], *, files: Sequence[Path], options: dict[str, object], seconds: float, bot: Bot | None
) -> dict[str, object]:
    """Collect what another person needs to repeat a run, or to see why theirs differs.

    Args:
        results: For the names of the models that answered.
        files: The question files, and the file of answers if there is one.
        options: What was asked for: sample, seed and the like.
        seconds: How long it took.
        bot: Who answered; None if the answers came from a file.

    Returns:
        Plain JSON values.
    """
    models = {bot.embedder_name} if bot else set()
    models |= {name for result in results if result.answer for name in result.answer["model"].values() if name}
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "options": options,
        "models": _models(models),
        "settings": asdict(bot.settings) if bot else {},
        "articles": {a.id: hashlib.sha256(a.text.encode()).hexdigest() for a in bot.articles} if bot else {},
        "versions": describe_versions(),
        "machine": describe_machine(),
    }


def _models(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Model -> file -> sha256, as models.txt has them; a model of the user's own has no files here."""
    known = {model.name: {file.name: file.sha256 for file in model.files} for model in load_catalogue()}
    return {name: known.get(name, {}) for name in sorted(names)}


def describe_versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what comes out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def describe_machine() -> dict[str, object]:
    """Processor, cores and memory: enough to judge the times by, and nothing that names the user or the host."""
    names = getattr(os, "sysconf_names", {})
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if "SC_PHYS_PAGES" in names else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": cores,
        "memory_gib": None if pages is None else round(pages / 2**30, 1),
    }


def _processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown"
