"""Choice: the language models that may be asked. Each is loaded with the first question put to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from index.errors import SettingsError
from qa.generate import Generator
from qa.models import ModelStore


class Choice:
    """The model a chatbot was opened with, and others by name.

    Args:
        first: Answers where none is named.
        others: Gives the names of the others there are now.
        make: A name -> that model.
        fetched: Gives bytes of the first that are on disk, and bytes it has in all; both 0 where there is no telling.
    """

    def __init__(
        self,
        first: Generator,
        *,
        others: Callable[[], Sequence[str]] = tuple,
        make: Callable[[str], Generator] | None = None,
        fetched: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        self.fetched = fetched
        self._first = first
        self._opened_as = first.name  # a server's model is named in full once the server has told its name
        self._others = others
        self._make = make
        self._made: dict[str, Generator] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """All that may be asked, the one that answers by default first."""
        return tuple(dict.fromkeys((self._first.name, *self._others())))

    def pick(self, name: str | None) -> Generator:
        """Find a model.

        Args:
            name: One of `names`; None for the default.

        Returns:
            The model; always the same for a name.

        Raises:
            SettingsError: It is none of them.
        """
        if name is None or name in (self._opened_as, self._first.name):
            return self._first
        with self._lock:
            if name not in self._made:
                if self._make is None or name not in self._others():
                    raise SettingsError(f"no language model {name!r} here; there are: {', '.join(self.names)}")
                self._made[name] = self._make(name)
            return self._made[name]


def models_on_disk(models: ModelStore) -> tuple[str, ...]:
    """Names of the language models of models.txt whose files are there."""
    llms = (model for model in models.models if model.role == "llm")
    return tuple(model.name for model in llms if models.state(model).status in ("ready", "unchecked"))
