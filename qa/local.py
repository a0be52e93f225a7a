"""LlamaGenerator: a GGUF model in this process, run by llama.cpp."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from qa.endings import Branched, Ending, groups, log_sum_exp
from qa.generate import Prompt, Reading
from qa.grammar import LlamaGrammar
from qa.line import Line
from qa.llama import LlamaContext
from qa.probe import Probes, find_probes
from qa.stopping import check_wanted
from qa.template import split_template

_Tokens = tuple[int, ...]
_Batch = tuple[_Tokens, int, tuple[Ending, ...]]  # prompts read together: what they share, how much is fixed, the rest
_WORTH_KEEPING = 8  # tokens of a source: to read fewer by themselves takes as long as to read them every time anew
_AT_ONCE = 4  # llama.cpp multiplies this many tokens with the weights in one go, and each of the rest by itself
_REMEMBERED = 256  # prompts of read_each; far more than those between reading and writing, whoever else asks


class LlamaGenerator:
    """A GGUF model run by llama.cpp. Loaded on first use; one call at a time, others wait in the order they came."""

    at_once = 1  # answers; two would each take twice as long
    sent_to = ""

    def __init__(
        self,
        locate: Callable[[], Path],
        *,
        name: str,
        context_tokens: int,
        threads: int,
        layer: int | None = None,
    ) -> None:
        """Prepare a model.

        Args:
            locate: Gives the GGUF file; called once, when the model is first used, and may fetch it.
            name: What answers call the model.
            context_tokens: Room for a prompt and what is written, in tokens.
            threads: CPU threads; 0 is one per core.
            layer: Whose states `try_each` gives; None for the one the model's probes read, if it has any.
        """
        self.name = name
        self._locate = locate
        self._context_tokens = context_tokens
        self._threads = threads
        self._layer = layer
        self._context: LlamaContext | None = None
        self._probes: Probes | None = None
        self._yes: list[int] = []
        self._no: list[int] = []
        self._written = 0  # tokens, since the start
        self._line = Line()
        self._read: OrderedDict[tuple[int, ...], _Batch] = OrderedDict()  # prompts of read_each, latest last

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Load the weights, and read the fixed parts of some prompts, now rather than at the first question.

        Args:
            prompts: One of each kind that will be used.
        """
        with self._alone() as context:
            for prompt in prompts:
                fixed, last, tail = self._tokens(prompt)
                context.read([*fixed, *last, *tail], pin=len(fixed))

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens read in prompts and tokens written, since the start."""
        with self._alone() as context:
            return context.tokens_read - self._written, self._written

    def rates(self) -> tuple[float, float]:
        """Measure the model by itself: seconds a token takes to read (512 at once), and to write (32 one by one)."""
        with self._alone() as context:
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
        with self._alone() as context:
            return len(context.tokenize(text, special=False))

    def has_probe(self, prompt: Prompt) -> bool:
        """Whether the model has the probe that a prompt names; loads the model."""
        if self._context is None:  # what it has never changes after that, and nobody need wait in line to see it
            with self._alone():
                pass
        return self._probes is not None and prompt.probe in self._probes.named

    def judge(self, prompt: Prompt, endings: Sequence[str]) -> list[float]:
        """Ask one yes-or-no question about several texts.

        Args:
            prompt: The question; each ending is put at its end.
            endings: Texts to judge, any number.

        Returns:
            For each ending the log-odds of Yes over No as the reply's first word: above 0 is rather yes.
        """
        return [self._log_odds(prompt.probe, branched) for branched in self.try_each(prompt, endings)]

    def try_each(self, prompt: Prompt, endings: Sequence[str]) -> list[Branched]:
        """Put several endings to one prompt, and look at what would come next.

        Args:
            prompt: Read once; each ending is put at its end.
            endings: Texts, any number; each costs its own tokens.

        Returns:
            What the model makes of each, in order.
        """
        if not endings:
            return []
        with self._alone() as context:
            fixed, last, tail = self._tokens(prompt)
            context.read([*fixed, *last], pin=len(fixed))
            # Of a sentence longer than the context its beginning is judged: a table must not fail the question.
            most = max(context.branch_room - len(tail), 1)
            return context.branch([Ending((*context.tokenize(text, special=False)[:most], *tail)) for text in endings])

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
        with self._alone() as context:
            fixed, first, tail = self._tokens(Prompt(prompts[0].fixed, prompts[0].last[:1]))
            context.read([*fixed, *first], pin=len(fixed))
            refusing = context.tokenize(refusal, special=False)[0]
            endings = [self._ending(prompt, tail, context.branch_room) for prompt in prompts]
            for group in groups(endings, context.branch_room):  # as they will be read, and be there to go on from
                for ending in group:
                    self._read[(*fixed, *first, *ending.tokens)] = ((*fixed, *first), len(fixed), tuple(group))
            while len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
            probed = prompts[0].probe
            return [self._reading(probed, branched, refusing) for branched in context.branch(endings)]

    def write(self, prompt: Prompt, *, grammar: str, max_tokens: int) -> str:
        """Write a reply, always taking the likeliest token.

        Args:
            prompt: What to reply to.
            grammar: GBNF that the reply has to fit.
            max_tokens: Where to stop at the latest.

        Returns:
            The reply; cut off at max_tokens.
        """
        with self._alone() as context:
            fixed, last, tail = self._tokens(prompt)
            tokens = (*fixed, *last, *tail)
            self._read_again(tokens)
            logits = context.read(tokens, pin=len(fixed))
            with closing(LlamaGrammar(context, grammar)) as rules:
                written = b""
                for _ in range(min(max_tokens, context.room - 1)):
                    check_wanted()
                    token = rules.best(logits)
                    if token is None or context.is_end(token):
                        break
                    rules.accept(token)
                    written += context.piece(token)
                    self._written += 1
                    logits = context.extend([token])
            return written.decode("utf-8", "ignore")

    def _read_again(self, tokens: tuple[int, ...]) -> None:
        """Put back what `read_each` left of a prompt, if another question has come between.

        Read by itself a prompt rounds differently than among others: who else asks must not change an answer.
        """
        context = self._loaded()
        batch = self._read.get(tokens)
        if batch is not None and tokens not in context.tried:
            shared, fixed, endings = batch
            context.read(shared, pin=fixed)
            context.branch(endings)

    @contextmanager
    def _alone(self) -> Iterator[LlamaContext]:
        """The model, once those who came before have left it."""
        ticket = object()
        try:
            self._line.enter(ticket, waits=_still_wanted)
            check_wanted()
            yield self._loaded()
        finally:
            self._line.leave(ticket)

    def _ending(self, prompt: Prompt, tail: Sequence[int], room: int) -> Ending:
        """The second and third part of a prompt's last message; of a source longer than the context, its beginning."""
        context = self._loaded()
        source, scored = (context.tokenize(part, special=False) for part in prompt.last[1:])
        source = source[: max(room - len(scored) - len(tail), 1)]
        kept = (len(source) - 1) // _AT_ONCE * _AT_ONCE  # the last is read with the question, whose first it foretells
        scored_range = range(len(source), len(source) + len(scored))
        return Ending((*source, *scored, *tail), scored_range, kept=kept if kept >= _WORTH_KEEPING else 0)

    def _loaded(self) -> LlamaContext:
        if self._context is None:
            path = self._locate()
            self._probes = find_probes(path) if self._layer is None else None
            layer = self._probes.layer if self._probes else self._layer
            self._context = LlamaContext(path, context_tokens=self._context_tokens, threads=self._threads, layer=layer)
            self._yes = self._first_tokens(("Yes", " Yes", "yes", " yes"))
            self._no = self._first_tokens(("No", " No", "no", " no"))
        return self._context

    def _first_tokens(self, words: Sequence[str]) -> list[int]:
        assert self._context is not None
        return sorted({self._context.tokenize(word, special=False)[0] for word in words})

    def _log_odds(self, probed: str | None, branched: Branched) -> float:
        """Log-odds of Yes over No, by the probe where there is one."""
        found = self._by_probe(probed, branched)
        if found is not None:
            return found
        logits = branched.logits
        return float(np.logaddexp.reduce(logits[self._yes]) - np.logaddexp.reduce(logits[self._no]))

    def _reading(self, probed: str | None, branched: Branched, refusing: int) -> Reading:
        willing = self._by_probe(probed, branched)
        if willing is None:
            # log-probability of the refusal's first token
            chance = float(branched.logits[refusing]) - log_sum_exp(branched.logits)
            willing = float(np.log1p(-np.exp(min(chance, -1e-9)))) - chance
        return Reading(willing=willing, expected=branched.log_likelihood)

    def _by_probe(self, name: str | None, branched: Branched) -> float | None:
        probe = self._probes.named.get(name) if self._probes is not None and name is not None else None
        return None if probe is None or branched.state is None else probe.log_odds(branched.state)

    def _tokens(self, prompt: Prompt) -> tuple[list[int], list[int], list[int]]:
        """A prompt as tokens: the fixed part, the last message's text, and what the template puts after it.

        The template is rendered around placeholders, so that control tokens are taken from the template alone and
        never from what an article or a user wrote.
        """
        context = self._loaded()
        roles = [*(m.role for m in prompt.fixed), "user"]
        pieces = split_template(context.template(), roles, begin_mark=context.begin_mark())
        fixed: list[int] = []
        for piece, message in zip(pieces, prompt.fixed, strict=False):
            fixed += context.tokenize(piece, special=True) + context.tokenize(message.content, special=False)
        fixed += context.tokenize(pieces[len(prompt.fixed)], special=True)
        last = [token for part in prompt.last for token in context.tokenize(part, special=False)]
        return fixed, last, context.tokenize(pieces[-1], special=True)


def _still_wanted(ahead: int) -> bool:  # noqa: ARG001 - Line tells the place
    check_wanted()
    return True
