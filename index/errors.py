"""Every error citewell raises on purpose, in the lowest layer so that all layers may use it.

    CitewellError
    ├── SettingsError        a setting or option is unknown or out of range
    ├── ArticleError         a file or folder of articles cannot be read as articles
    ├── OffsetError          a range lies outside its article: a bug of ours
    ├── IndexMissingError    there is no index where one was asked for
    ├── IndexStaleError      an index was saved with another format, splitter or model
    │   └── IndexDamagedError    its file is not what was written
    ├── IndexWriteError      an index cannot be written: full disk, read-only folder
    ├── StoreError           a server that passages are searched on cannot be reached, or refuses
    ├── ModelMissingError    a model file is absent, cut off or not the one that was named
    ├── QuestionError        the question is empty or too long
    ├── PromptTooLongError   the prompt does not fit the model's context
    ├── GenerationError      the language model failed while writing
    └── StoppedError         whoever asked does not want the answer any more

Each message says what was found, what was wanted and what to do. The command line and the page show the message
and nothing else; any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

from pathlib import Path


class CitewellError(Exception):
    """Base of every error whose message is written for the user."""


class SettingsError(CitewellError):
    """A setting or option is unknown, or its value out of range."""


class ArticleError(CitewellError):
    """A file, or a folder of files, cannot be read as articles.

    Args:
        path: What was to be read.
        problem: What was found and what to do, as one clause.
    """

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = Path(path)
        self.problem = problem


class OffsetError(CitewellError):
    """A range lies outside its article. Never a user's fault: please report it."""


class IndexMissingError(CitewellError):
    """There is no index in the folder that was named."""


class IndexStaleError(CitewellError):
    """An index was saved with another format, splitter or model, or is damaged.

    Args:
        folder: The index folder.
        problem: What was saved and what was wanted, as one clause.
        remedy: What to do, as one clause; empty where the caller knows better.
    """

    def __init__(self, folder: Path | str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{folder}: {problem}" + (f"; {remedy}" if remedy else ""))
        self.folder = Path(folder)
        self.problem = problem


class IndexDamagedError(IndexStaleError):
    """An index file is not what was written."""


class IndexWriteError(CitewellError):
    """An index cannot be written; what was stored before stays."""


class StoreError(CitewellError):
    """A server that passages are searched on cannot be reached, refuses, or holds something else."""


class ModelMissingError(CitewellError):
    """A model file is absent, cut off, or not the one its name promises."""


class QuestionError(CitewellError):
    """A question is empty or too long to be answered."""


class PromptTooLongError(CitewellError):
    """A prompt does not fit the model's context."""


class GenerationError(CitewellError):
    """The language model failed while writing; the cause is chained."""


class StoppedError(CitewellError):
    """Whoever asked does not want the answer any more."""
