"""Where the files that travel with the program are: models.txt and the sample articles of seeds/."""

from __future__ import annotations

from pathlib import Path


def resource(name: str) -> Path:
    """Find a file or folder that ships with citewell.

    An installed wheel carries these files in `index/_data` (see pyproject.toml); in a checkout, and so in an editable
    install, they lie beside the packages, and there is no second copy.

    Args:
        name: "models.txt" or "seeds".

    Returns:
        Its path, which exists.

    Raises:
        FileNotFoundError: No such file travels with the program, or the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for path in (package / "_data" / name, package.parent / name):
        if path.exists():
            return path
    raise FileNotFoundError(f"{name} is missing from this installation of citewell ({package}); install it again")
