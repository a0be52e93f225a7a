"""The language model as citewell uses it: it judges (yes or no, with a degree) and it writes one line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from qa.grammar import LlamaGrammar
from qa.llama import Branched, Ending, LlamaContext, Logits, log_sum_exp


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt: role is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is told.

    Attributes:
        fixed: Instructions and worked examples; read once and kept for every prompt that starts with them.
        last: The user's last message, in parts that are turned into tokens one by one, so that prompts with the same
            parts have the same tokens.
    """

    fixed: tuple[Message, ...]
    last: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of a prompt before it writes anything.

    Attributes:
        willing: Log-odds that the reply does not begin with the refusal.
        expected: Log-likelihood of the prompt's last part, given all before it.
    """

    willing: float
    expected: float


class Generator(Protocol):
    """What the rest of qa/ needs of a language model."""

    name: str

    def judge(self, prompt: Prompt, endings: Sequence[str]) -> list[float]:
        """Log-odds of Yes over No as the reply, for each ending put at the end of the prompt."""

    def read_each(self, prompts: Sequence[Prompt], *, refusal: str) -> list[Reading]:
        """How willing the model is to answer each prompt, and how well it expected its last part."""

    def write(self, prompt: Prompt, *, grammar: str, max_tokens: int) -> str:
        """The likeliest reply that fits the grammar (GBNF)."""

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Do now what the first of such prompts would have to wait for."""

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
        self._written = 0  # tokens, since the start
        self._lock = threading.RLock()

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Load the weights, and read the fixed parts of some prompts, now rather than at the first question.

        Args:
            prompts: One of each kind that will be used.
        """
        with self._lock:
            context = self._loaded()
            for prompt in prompts:
                fixed, last, tail = self._tokens(prompt)
                context.read([*fixed, *last, *tail], pin=len(fixed))

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens read in prompts and tokens written, since the start."""
        with self._lock:
            return self._loaded().tokens_read - self._written, self._written

    def rates(self) -> tuple[float, float]:
        """Measure the model by itself: seconds a token takes to read (512 at once), and to write (32 one by one)."""
        with self._lock:
            context = self._loaded()
            prompt = (context.tokenize("The quick brown fox jumps over the lazy dog. ", special=False) * 60)[:512]
            started = time.perf_counter()
            context.read(prompt)
            read_s = (time.perf_counter() - started) / len(prompt)
            started = time.perf_counter()
            for token in prompt[:32]:
                context.extend([token])
            return read_s, (time.perf_counter() - started) / 32

    def count(self, text: str) -> int:
        """How many tokens a text takes.

        Args:
            text: Any text.

        Returns:
            The number of tokens, without the chat template's.
        """
        with self._lock:
            return len(self._loaded().tokenize(text, special=False))

    def judge(self, prompt: Prompt, endings: Sequence[str]) -> list[float]:
        """Ask one yes-or-no question about several texts.

        What the prompts share is read once; each ending costs its own tokens.

        Args:
            prompt: The question; each ending is put at its end.
            endings: Texts to judge, any number.

        Returns:
            For each ending the log-odds of Yes over No as the reply's first word: above 0 is rather yes.
        """
        if not endings:
            return []
        with self._lock:
            context = self._loaded()
            fixed, last, tail = self._tokens(prompt)
            context.read([*fixed, *last], pin=len(fixed))
            # Of a sentence longer than the context its beginning is judged: a table must not fail the question.
            most = max(context.branch_room - len(tail), 1)
            tried = [Ending((*context.tokenize(text, special=False)[:most], *tail)) for text in endings]
            return [self._log_odds(branched.logits) for branched in context.branch(tried)]

    def read_each(self, prompts: Sequence[Prompt], *, refusal: str) -> list[Reading]:
        """Read several prompts that share their beginning, and look at what would come next.

        Args:
            prompts: They have the fixed part and the first part of the last message in common, and three parts in all.
            refusal: What the instructions tell the model to write where it cannot answer.

        Returns:
            A reading for each prompt, in order. Writing one of them next costs no reading again.
        """
        if not prompts:
            return []
        with self._lock:
            context = self._loaded()
            fixed, first, tail = self._tokens(Prompt(prompts[0].fixed, prompts[0].last[:1]))
            context.read([*fixed, *first], pin=len(fixed))
            refusing = context.tokenize(refusal, special=False)[0]
            endings = [self._ending(prompt, tail, context.branch_room) for prompt in prompts]
            return [_reading(branched, refusing) for branched in context.branch(endings)]

    def write(self, prompt: Prompt, *, grammar: str, max_tokens: int) -> str:
        """Write a reply, always taking the likeliest token.

        Args:
            prompt: What to reply to.
            grammar: GBNF that the reply has to fit.
            max_tokens: Where to stop at the latest.

        Returns:
            The reply; cut off at max_tokens.
        """
        with self._lock:
            context = self._loaded()
            fixed, last, tail = self._tokens(prompt)
            logits = context.read([*fixed, *last, *tail], pin=len(fixed))
            rules = LlamaGrammar(context, grammar)
            try:
                written = b""
                for _ in range(min(max_tokens, context.room - 1)):
                    token = rules.best(logits)
                    if token is None or context.is_end(token):
                        break
                    rules.accept(token)
                    written += context.piece(token)
                    self._written += 1
                    logits = context.extend([token])
            finally:
                rules.close()
            return written.decode("utf-8", "ignore")

    def _ending(self, prompt: Prompt, tail: Sequence[int], room: int) -> Ending:
        """The second and third part of a prompt's last message; of a source longer than the context, its beginning."""
        context = self._loaded()
        source, scored = (context.tokenize(part, special=False) for part in prompt.last[1:])
        source = source[: max(room - len(scored) - len(tail), 1)]
        return Ending((*source, *scored, *tail), range(len(source), len(source) + len(scored)))

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

    def _tokens(self, prompt: Prompt) -> tuple[list[int], list[int], list[int]]:
        """A prompt as tokens: the fixed part, the last message's text, and what the template puts after it.

        The template is rendered around placeholders, so that control tokens are taken from the template alone and
        never from what an article or a user wrote.
        """
        context = self._loaded()
        template = context.template()
        roles = [*(m.role for m in prompt.fixed), "user"]
        pieces = _render(template, roles, context.begin_mark()) if template else _plain(roles, context.begin_mark())
        fixed: list[int] = []
        for piece, message in zip(pieces, prompt.fixed, strict=False):
            fixed += context.tokenize(piece, special=True) + context.tokenize(message.content, special=False)
        fixed += context.tokenize(pieces[len(prompt.fixed)], special=True)
        last = [token for part in prompt.last for token in context.tokenize(part, special=False)]
        return fixed, last, context.tokenize(pieces[-1], special=True)


def _reading(branched: Branched, refusing: int) -> Reading:
    logits = branched.logits
    chance = float(logits[refusing]) - log_sum_exp(logits)  # log-probability of the refusal's first token
    return Reading(willing=float(np.log1p(-np.exp(min(chance, -1e-9)))) - chance, expected=branched.log_likelihood)


_MARK = "\ue000"  # a private-use character: stands for a message's text while the template is rendered


def _render(template: str, roles: Sequence[str], begin_mark: str) -> list[str]:
    """What the chat template puts before, between and after the messages' texts."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter  # noqa: PLC0415

    formatter = Jinja2ChatFormatter(template=template, eos_token="", bos_token=begin_mark, add_generation_prompt=True)
    messages: Any = [{"role": role, "content": _MARK} for role in roles]  # the library wants a union of TypedDicts
    rendered = formatter(messages=messages)
    return str(rendered.prompt).split(_MARK)


def _plain(roles: Sequence[str], begin_mark: str) -> list[str]:
    """For models without a template: roles spelled out."""
    first, *others = [*roles, "assistant"]
    return [f"{begin_mark}{first.title()}: ", *(f"\n\n{role.title()}: " for role in others)]
