"""The language model as citewell uses it: it judges (yes or no, with a degree) and it writes one line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from qa.llama import LlamaContext, LlamaGrammar, Logits


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt: role is system, user or assistant."""

    role: str
    content: str


class Generator(Protocol):
    """What the rest of qa/ needs of a language model."""

    name: str

    def judge(self, messages: Sequence[Message], endings: Sequence[str]) -> list[float]:
        """Log-odds of Yes over No as the reply, for each ending put at the end of the last message."""

    def write(self, messages: Sequence[Message], *, grammar: str, max_tokens: int) -> str:
        """The likeliest reply that fits the grammar (GBNF)."""

    def count(self, text: str) -> int:
        """How many tokens a text takes."""


class LlamaGenerator:
    """A GGUF model run by llama.cpp. Loaded on first use; one call at a time, others wait."""

    def __init__(self, locate: Callable[[], Path], *, name: str, context_tokens: int, threads: int) -> None:
        """Prepare a model.

        Args:
            locate: Gives the GGUF file; called once, when the model is first used, and may fetch it.
            name: What answers call the model.
            context_tokens: Room for a prompt and what is written, in tokens.
            threads: CPU threads; 0 is one per core.
        """
        self.name = name
        self._locate = locate
        self._context_tokens = context_tokens
        self._threads = threads
        self._context: LlamaContext | None = None
        self._yes: list[int] = []
        self._no: list[int] = []
        self._lock = threading.RLock()

    def load(self) -> None:
        """Load the weights now rather than at the first question."""
        with self._lock:
            self._loaded()

    def count(self, text: str) -> int:
        """How many tokens a text takes.

        Args:
            text: Any text.

        Returns:
            The number of tokens, without the chat template's.
        """
        with self._lock:
            return len(self._loaded().tokenize(text, special=False))

    def judge(self, messages: Sequence[Message], endings: Sequence[str]) -> list[float]:
        """Ask one yes-or-no question about several texts.

        What the messages share is read once; each ending costs its own tokens.

        Args:
            messages: The prompt; each ending is put at the end of the last message.
            endings: Texts to judge, any number.

        Returns:
            For each ending the log-odds of Yes over No as the reply's first word: above 0 is rather yes.
        """
        if not endings:
            return []
        with self._lock:
            context = self._loaded()
            fixed, head, tail = self._prompt(messages)
            context.read([*fixed, *head], pin=len(fixed))
            branches = [[*context.tokenize(ending, special=False), *tail] for ending in endings]
            return [self._log_odds(logits) for logits in context.branch(branches)]

    def write(self, messages: Sequence[Message], *, grammar: str, max_tokens: int) -> str:
        """Write a reply, always taking the likeliest token.

        Args:
            messages: The prompt.
            grammar: GBNF that the reply has to fit.
            max_tokens: Where to stop at the latest.

        Returns:
            The reply; cut off at max_tokens.
        """
        with self._lock:
            context = self._loaded()
            fixed, head, tail = self._prompt(messages)
            logits = context.read([*fixed, *head, *tail], pin=len(fixed))
            rules = LlamaGrammar(context, grammar)
            try:
                written = b""
                for _ in range(min(max_tokens, context.context_tokens - len(context.tokens) - 1)):
                    token = rules.best(logits)
                    if token is None or context.is_end(token):
                        break
                    rules.accept(token)
                    written += context.piece(token)
                    context.tokens_written += 1
                    logits = context.extend([token])
            finally:
                rules.close()
            return written.decode("utf-8", "ignore")

    def _loaded(self) -> LlamaContext:
        if self._context is None:
            self._context = LlamaContext(self._locate(), context_tokens=self._context_tokens, threads=self._threads)
            self._yes = self._first_tokens(("Yes", " Yes", "yes", " yes"))
            self._no = self._first_tokens(("No", " No", "no", " no"))
        return self._context

    def _first_tokens(self, words: Sequence[str]) -> list[int]:
        assert self._context is not None
        return sorted({self._context.tokenize(word, special=False)[0] for word in words})

    def _log_odds(self, logits: Logits) -> float:
        return float(np.logaddexp.reduce(logits[self._yes]) - np.logaddexp.reduce(logits[self._no]))

    def _prompt(self, messages: Sequence[Message]) -> tuple[list[int], list[int], list[int]]:
        """A prompt in three parts: all before the last message (fixed wording and examples), its text, what follows.

        The template is rendered around placeholders, so that control tokens are taken from the template alone and
        never from what an article or a user wrote.
        """
        context = self._loaded()
        template = context.template()
        pieces = _render(template, [m.role for m in messages]) if template else _plain(messages)
        fixed = context.begin_of_text() if template is None else []
        for piece, message in zip(pieces, messages[:-1], strict=False):
            fixed += context.tokenize(piece, special=True) + context.tokenize(message.content, special=False)
        fixed += context.tokenize(pieces[len(messages) - 1], special=True)
        last = context.tokenize(messages[-1].content, special=False)
        return fixed, last, context.tokenize(pieces[-1], special=True)


_MARK = "\ue000"  # a private-use character: stands for a message's text while the template is rendered


def _render(template: str, roles: Sequence[str]) -> list[str]:
    """What the chat template puts before, between and after the messages' texts."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter  # noqa: PLC0415

    formatter = Jinja2ChatFormatter(template=template, eos_token="", bos_token="", add_generation_prompt=True)
    rendered = formatter(messages=[{"role": role, "content": _MARK} for role in roles])  # type: ignore[typeddict-item]
    return str(rendered.prompt).split(_MARK)


def _plain(messages: Sequence[Message]) -> list[str]:
    """For models without a template: roles spelled out."""
    return [*(f"\n\n{m.role.title()}: " for m in messages), "\n\nAssistant: "]
