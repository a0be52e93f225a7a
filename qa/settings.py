"""Settings: every number a user may turn, in one flat value."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path

from index.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How questions are answered. The defaults are those every published figure was measured with."""

    # retrieval
    quotes: int = 3  # sentences shown at once, before the model has answered
    candidates: int = 9  # sentences the language model judges, up to a quarter of them to hear more articles
    comparing: int = 12  # the same where the question asks to compare: the best two of each article first
    nearest: int = 3  # sentences shown with a declined answer

    # what counts as an answer, in the log-odds of qa/evidence.py
    answers_from: float = 2.6  # with less for the best sentence the question is declined
    further_from: float = 4.0  # sentences besides the best are given with at least this …
    further_within: float = 1.0  # … if their score is this near the best one's, or it is a yes or no of another article
    comparing_from: float = 2.0  # enough for each article's best sentence, where the question asks to compare
    side_within: float = 3.0  # further_within where the question offers two alternatives, to each of them
    max_claims: int = 5  # most claims of an answer

    # language model
    context_tokens: int = 6144  # the model's window
    threads: int = 0  # threads for the model; 0 is one per core
    max_claim_tokens: int = 96  # most tokens the model may write for one claim

    # conversations
    remembered_turns: int = 3  # earlier questions a follow-up is read against

    # limits
    max_question_chars: int = 4000  # longer questions are refused

    def __post_init__(self) -> None:
        least = {"quotes": 0, "candidates": 1, "comparing": 1, "nearest": 0, "max_claims": 1, "context_tokens": 1024}
        least |= {"threads": 0, "max_claim_tokens": 8, "remembered_turns": 1, "max_question_chars": 1}
        for name, smallest in least.items():
            if getattr(self, name) < smallest:
                raise SettingsError(f"{name} is {getattr(self, name)}; wanted {smallest} or more")

    @classmethod
    def from_toml(cls, path: Path | str) -> Settings:
        """Read settings from a TOML file of `name = value` lines; unknown names and wrong types fail.

        Args:
            path: The file.

        Returns:
            The defaults with the file's values in place of them.

        Raises:
            SettingsError: The file cannot be read, is no TOML, or holds an unknown name or a wrong value.
        """
        if sys.version_info >= (3, 11):
            import tomllib  # noqa: PLC0415
        else:
            import tomli as tomllib  # noqa: PLC0415
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: cannot be read as settings in TOML: {error}") from error
        known = {field.name: type(getattr(cls(), field.name)) for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise SettingsError(f"{path}: unknown setting {name!r}; known are {', '.join(sorted(known))}")
            whole = known[name] is float and isinstance(value, int) and not isinstance(value, bool)
            if type(value) is not known[name] and not whole:
                raise SettingsError(f"{path}: {name} is {value!r}; wanted {known[name].__name__}")
        return cls(**values)
