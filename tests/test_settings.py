"""Settings from a file: unknown names and wrong types fail, naming both."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import SettingsError
from qa.settings import Settings


def read(tmp_path: Path, toml: str) -> Settings:
    path = tmp_path / "citewell.toml"
    path.write_text(toml, encoding="utf-8")
    return Settings.from_toml(path)


def test_a_file_replaces_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, "threads = 3\nanswers_from = 1.5\n")
    assert (settings.threads, settings.answers_from) == (3, 1.5)
    assert settings.context_tokens == Settings().context_tokens
    assert read(tmp_path, "") == Settings()


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    assert read(tmp_path, "answers_from = 2").answers_from == 2.0


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("thread = 3", "unknown setting 'thread'; known are .*threads"),
        ('threads = "3"', "threads is '3'; wanted int"),
        ("threads = 3.5", "threads is 3.5; wanted int"),
        ("threads = true", "threads is True; wanted int"),
        ("threads = ", "cannot be read as settings in TOML"),
        ("[section]\nthreads = 3", "unknown setting 'section'"),
    ],
)
def test_what_fits_no_setting_fails(tmp_path: Path, toml: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        read(tmp_path, toml)
    assert "citewell.toml" in str(caught.value)


def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    for path in (tmp_path / "absent.toml", tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(SettingsError, match="cannot be read as settings"):
            Settings.from_toml(path)
