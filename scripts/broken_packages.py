"""Find packages that an interrupted pip left incomplete; with --forget, have pip install them again.

Run by the environment's own Python. A package is broken if a file it lists is absent or has another size.
"""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path


def is_broken(distribution: Distribution) -> bool:
    """Compare a package's files with its own list; byte code does not count, nor do lists without sizes."""
    listed = distribution.files
    if not listed or distribution.metadata["Name"] is None:
        return True
    for file in listed:
        path = Path(str(file.locate()))
        if path.suffix == ".pyc":
            continue
        if not path.exists() or (file.size is not None and path.stat().st_size != file.size):
            return True
    return False


def main() -> None:
    """Name the broken packages; forget them, so that pip takes them as not installed."""
    for distribution in distributions():
        folder = Path(str(distribution.locate_file("."))) / getattr(distribution, "_path", Path()).name
        if folder.suffix == ".dist-info" and is_broken(distribution):
            print(f"{folder.stem} was not installed completely; installing it again", file=sys.stderr)
            if "--forget" in sys.argv:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
