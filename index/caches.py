"""Where citewell keeps what it can make again: in the user's cache, never among the articles."""

from __future__ import annotations

import os
from pathlib import Path


def indexes_folder() -> Path:
    """The folder of all cached indexes: CITEWELL_INDEXES, else in the user's cache."""
    chosen = os.environ.get("CITEWELL_INDEXES")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("citewell") / "indexes"
