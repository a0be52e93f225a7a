"""The language model on its way into memory while the page is open already, and what the page says of it."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Literal, TypedDict

from index.errors import CitewellError
from qa.fetch import size_words
from ui.bot import Bot

BUG = "something went wrong inside citewell; the terminal it runs in shows the details, asking again may help"
_LOOK_S = 0.5
_State = Literal["loading", "ready", "failed"]


class Progress(TypedDict):
    """What the page shows: a sentence, empty once all is there, and whether trying again may help."""

    words: str
    failed: bool


class Loading:
    """Which language models are in memory; loads the default one in a thread of its own.

    Args:
        bot: Whose models. The default one is taken to be in memory unless `begin` is called.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._changed = threading.Condition()
        self._awake = {bot.llm_name}
        self._state: _State = "ready"
        self._problem = ""

    def begin(self, *, failed: Callable[[str], None] | None = None) -> None:
        """Load the default model, unless that is going on.

        Args:
            failed: Told why it could not be.
        """
        with self._changed:
            if self._state == "loading":
                return
            self._state = "loading"
            self._awake.discard(self._bot.llm_name)
        threading.Thread(target=self._load, args=(failed,), name="citewell-load", daemon=True).start()

    def is_awake(self, llm: str) -> bool:
        """Whether a model is in memory."""
        return llm in self._awake

    def note_awake(self, llm: str) -> None:
        """Note that a model has answered."""
        self._awake.add(llm)

    def wait(self, llm: str, *, goes_on: Callable[[], bool]) -> bool:
        """Wait until a model that is being loaded is there; where that failed, try once more.

        Args:
            llm: A model's name; only the default one is loaded here, the others with their question.
            goes_on: Called now and then; False gives up.

        Returns:
            Whether to go on.

        Raises:
            CitewellError: The model cannot be loaded; the message says what to do.
        """
        if llm != self._bot.llm_name:
            return True
        if self._state == "failed":
            self.begin()
        while self._state == "loading":
            if not goes_on():
                return False
            with self._changed:
                self._changed.wait_for(lambda: self._state != "loading", timeout=_LOOK_S)
        if self._state == "failed":
            raise CitewellError(self._problem)
        return True

    def progress(self) -> Progress:
        """How far it is, in words for the page."""
        if self._state == "failed":
            return Progress(words=f"The language model is not loaded: {self._problem.rstrip('.')}.", failed=True)
        return Progress(words=self._words() if self._state == "loading" else "", failed=False)

    def _words(self) -> str:
        name = self._bot.llm_name
        there, wanted = self._bot.llm_bytes
        if there < wanted:
            return f"Fetching {name}: {size_words(there)} of {size_words(wanted)} …"
        return f"Loading {name} …"

    def _load(self, failed: Callable[[str], None] | None) -> None:
        problem = ""
        try:
            self._bot.load()
        except CitewellError as error:
            problem = str(error)
        except Exception:
            traceback.print_exc()
            problem = BUG
        with self._changed:
            self._state, self._problem = "failed" if problem else "ready", problem
            if not problem:
                self._awake.add(self._bot.llm_name)
            self._changed.notify_all()
        if not problem:
            self._bot.warm_up()  # whoever asks within these seconds waits no longer than without
        elif failed is not None:
            failed(problem)
