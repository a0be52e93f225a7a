"""What `pip install .` gives: the packages, models.txt and the sample articles, once, and found from anywhere."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from index.resources import resource

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)
    (built,) = folder.glob("citewell-*.whl")
    return built


def test_resources_of_a_checkout() -> None:
    assert resource("models.txt") == ROOT / "models.txt"
    assert resource("seeds") == ROOT / "seeds"
    with pytest.raises(FileNotFoundError, match="install it again"):
        resource("nothing.txt")


@pytest.mark.slow
def test_the_wheel_holds_what_the_program_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "index/_data/models.txt" in names
    articles = {f"index/_data/seeds/{path.name}" for path in (ROOT / "seeds").iterdir()}
    assert {name for name in names if "/seeds/" in name} == articles
    tops = {name.split("/")[0] for name in names}
    assert tops == {"index", "qa", "ui", next(name for name in tops if name.endswith(".dist-info"))}
    for package in ("index", "qa", "ui"):
        ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*") if path.is_file()}
        kept = {name for name in ours if "__pycache__" not in name}
        assert kept <= set(names)


@pytest.mark.slow
def test_an_installed_wheel_finds_them(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "from index.resources import resource; from qa.catalogue import load_catalogue;"
        "print(resource('models.txt')); print(len(list(resource('seeds').glob('*.txt')))); print(len(load_catalogue()))"
    )
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    models, articles, known = done.stdout.split()
    assert models == str(tmp_path / "site" / "index" / "_data" / "models.txt")
    assert articles == "5"
    assert int(known) >= 6
