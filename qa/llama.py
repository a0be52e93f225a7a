"""LlamaContext: the few llama.cpp calls citewell needs, behind plain Python values.

The high-level class of llama-cpp-python keeps one sequence; judging many sentences against one question wants many that
share their beginning. So this talks to the C functions that llama-cpp-python exports.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import GenerationError, ModelMissingError, PromptTooLongError

Logits = npt.NDArray[np.float32]
BATCH_TOKENS = 2048  # most tokens of one call
SEQUENCES = 32  # at once: the main one, the endings tried off it, and the pinned beginnings
PINS = 4  # beginnings kept ready; each prompt of prompt.py has one


class LlamaContext:
    """A loaded GGUF model with one growing sequence, and short-lived branches off its end."""

    def __init__(self, path: Path, *, context_tokens: int, threads: int) -> None:
        """Load a model.

        Args:
            path: A GGUF file.
            context_tokens: Room for a prompt and what is written, in tokens.
            threads: CPU threads; 0 is one per core.

        Raises:
            ModelMissingError: The file cannot be loaded as a GGUF model.
        """
        import llama_cpp  # noqa: PLC0415 - loads the native library

        self._c = llama_cpp
        _silence(llama_cpp)
        llama_cpp.llama_backend_init()
        self._model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        if not self._model:
            raise ModelMissingError(f"{path}: cannot be loaded; wanted a GGUF model this llama.cpp knows")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self._ctx = self._new_context(context_tokens, threads or os.cpu_count() or 1)
        if not self._ctx:
            raise ModelMissingError(f"{path}: not enough memory for a context of {context_tokens} tokens")
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)
        self.context_tokens = context_tokens
        self.tokens: list[int] = []  # what the main sequence holds
        self._pins: dict[tuple[int, ...], int] = {}  # beginnings kept ready -> their sequence; oldest use first
        self.tokens_read = 0  # since the start, for reports
        self.tokens_written = 0

    def _new_context(self, context_tokens: int, threads: int) -> object:
        params = self._c.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = BATCH_TOKENS
        params.n_seq_max = SEQUENCES
        params.kv_unified = True  # branches share the memory of their common beginning
        params.n_threads = params.n_threads_batch = threads
        return self._c.llama_init_from_model(self._model, params)

    def template(self) -> str | None:
        """The model's own chat template (Jinja), None where it has none."""
        found = self._c.llama_model_chat_template(self._model, None)
        return found.decode("utf-8") if found else None

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Text -> token ids.

        Args:
            text: Any text.
            special: Whether control tokens spelled out in the text are meant. Never so for text from articles or users.

        Returns:
            Token ids; none are added at either end.
        """
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        buffer = (self._c.llama_token * room)()
        count = self._c.llama_tokenize(self._vocab, raw, len(raw), buffer, room, False, special)
        if count < 0:
            raise GenerationError(f"the model's tokenizer refused {len(raw)} bytes of text")
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; control tokens stand for none."""
        buffer = ctypes.create_string_buffer(256)
        count = self._c.llama_token_to_piece(self._vocab, token, buffer, 256, 0, False)
        return bytes(buffer.raw[: max(count, 0)])

    def is_end(self, token: int) -> bool:
        """Whether the token ends a reply."""
        return bool(self._c.llama_vocab_is_eog(self._vocab, token))

    def begin_of_text(self) -> list[int]:
        """The token a text starts with, if the model wants one."""
        if not self._c.llama_vocab_get_add_bos(self._vocab):
            return []
        return [self._c.llama_vocab_bos(self._vocab)]

    def read(self, tokens: Sequence[int], *, pin: int = 0) -> Logits:
        """Make the main sequence hold exactly these tokens.

        Args:
            tokens: The whole prompt.
            pin: How many of them, fewer than all, are a fixed beginning: it is read once and kept for the prompts after.

        Returns:
            The logits of the next token, float32, shape (vocabulary,).

        Raises:
            PromptTooLongError: The tokens do not fit the context.
        """
        beginning = tuple(tokens[:pin])
        if pin and beginning not in self._pins:
            self._pin(beginning)
        room = self.room
        if len(tokens) - pin >= room:
            raise PromptTooLongError(f"the prompt has {len(tokens)} tokens, {room + pin} fit the model's context")
        # Always from the pin on, never from where the last prompt happened to agree: another split of the same tokens
        # rounds differently, and the same question must get the same answer whatever was asked before it.
        self._c.llama_memory_seq_rm(self._memory, 0, -1, -1)
        if pin:
            self._c.llama_memory_seq_cp(self._memory, self._pins[beginning], 0, -1, -1)
            self._pins[beginning] = self._pins.pop(beginning)  # most recently used
        self.tokens = list(beginning)
        return self.extend(tokens[pin:])

    @property
    def room(self) -> int:
        """Tokens that fit the context beside the pinned beginnings."""
        return self.context_tokens - sum(len(beginning) for beginning in self._pins)

    def _pin(self, beginning: tuple[int, ...]) -> None:
        """Read a beginning once and keep it under a sequence of its own, in place of the one unused for longest."""
        if len(self._pins) == PINS:
            oldest = next(iter(self._pins))
            free = self._pins.pop(oldest)
            self._c.llama_memory_seq_rm(self._memory, free, -1, -1)
        else:
            free = SEQUENCES - 1 - len(self._pins)
        self.read(beginning)
        self._c.llama_memory_seq_cp(self._memory, 0, free, -1, -1)
        self._pins[beginning] = free

    def extend(self, tokens: Sequence[int]) -> Logits:
        """Append tokens to the main sequence.

        Args:
            tokens: At least one.

        Returns:
            The logits of the next token, float32, shape (vocabulary,).
        """
        position = len(self.tokens)
        last = position + len(tokens) - 1
        self._decode([(token, position + i, 0, position + i == last) for i, token in enumerate(tokens)])
        self.tokens.extend(tokens)
        return self._logits(-1)

    def branch(self, endings: Sequence[Sequence[int]]) -> list[Logits]:
        """Try several continuations of the main sequence at once; it stays as it is.

        Args:
            endings: Token ids to append, each at least one.

        Returns:
            For each ending the logits of the token after it, float32, shape (vocabulary,).
        """
        found: list[Logits] = []
        for group in _groups(endings, self._branch_room()):
            rows = self._branch_rows(group)
            try:
                self._decode([row for ending in rows for row in ending])
                ends = np.cumsum([len(ending) for ending in rows]) - 1
                found.extend(self._logits(int(end)) for end in ends)
            finally:
                for sequence in range(1, len(group) + 1):
                    self._c.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return found

    def _branch_room(self) -> int:
        return min(BATCH_TOKENS, self.room - len(self.tokens))

    def _branch_rows(self, group: Sequence[Sequence[int]]) -> list[list[tuple[int, int, int, bool]]]:
        rows: list[list[tuple[int, int, int, bool]]] = []
        for sequence, ending in enumerate(group, 1):
            self._c.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
            first = len(self.tokens)
            rows.append([(t, first + i, sequence, i == len(ending) - 1) for i, t in enumerate(ending)])
        return rows

    def _decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        """Run the model over (token, position, sequence, wants logits), in batches."""
        for start in range(0, len(rows), BATCH_TOKENS):
            part = rows[start : start + BATCH_TOKENS]
            batch = self._batch
            batch.n_tokens = len(part)
            for i, (token, position, sequence, logits) in enumerate(part):
                batch.token[i] = token
                batch.pos[i] = position
                batch.n_seq_id[i] = 1
                batch.seq_id[i][0] = sequence
                batch.logits[i] = logits
            code = self._c.llama_decode(self._ctx, batch)
            if code != 0:
                self._c.llama_memory_clear(self._memory, True)
                self.tokens, self._pins = [], {}
                raise GenerationError(f"llama.cpp failed to read {len(part)} tokens (code {code})")
            self.tokens_read += len(part)

    def _logits(self, row: int) -> Logits:
        size = self._c.llama_vocab_n_tokens(self._vocab)
        pointer = self._c.llama_get_logits_ith(self._ctx, row)
        return np.ctypeslib.as_array(pointer, shape=(size,)).copy()


class LlamaGrammar:
    """A GBNF grammar at work on one reply: says which token it lets through."""

    def __init__(self, context: LlamaContext, grammar: str) -> None:
        """Start the grammar.

        Args:
            context: The model whose tokens are meant.
            grammar: GBNF; its start symbol is `root`.

        Raises:
            GenerationError: The grammar is malformed.
        """
        self._c = context._c
        self._sampler = self._c.llama_sampler_init_grammar(context._vocab, grammar.encode(), b"root")
        if not self._sampler:
            raise GenerationError("the grammar is malformed; please report this")

    def best(self, logits: Logits) -> int | None:
        """The likeliest token the grammar allows, None where it allows none."""
        likely = np.argpartition(-logits, 64)[:64]
        for candidates in (likely, np.arange(len(logits))):  # nearly always one of the likeliest is allowed
            chosen = self._best_of(logits, candidates)
            if chosen is not None:
                return chosen
        return None

    def accept(self, token: int) -> None:
        """Move on past a token that was written."""
        self._c.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free the grammar."""
        self._c.llama_sampler_free(self._sampler)

    def _best_of(self, logits: Logits, candidates: Iterable[int]) -> int | None:
        ids = [int(c) for c in candidates]
        data = (self._c.llama_token_data * len(ids))(*[(i, float(logits[i]), 0.0) for i in ids])
        array = self._c.llama_token_data_array(data=data, size=len(ids), selected=-1, sorted=False)
        self._c.llama_sampler_apply(self._sampler, ctypes.byref(array))
        best = max((data[i] for i in range(array.size)), key=lambda d: (d.logit, -d.id))
        return int(best.id) if np.isfinite(best.logit) else None


def _groups(endings: Sequence[Sequence[int]], room: int) -> Iterable[list[Sequence[int]]]:
    """Endings in groups that fit one call."""
    group: list[Sequence[int]] = []
    size = 0
    for ending in endings:
        if len(ending) > room:
            raise PromptTooLongError(f"a sentence of {len(ending)} tokens does not fit the model's context")
        if group and (size + len(ending) > room or len(group) == SEQUENCES - PINS - 1):
            yield group
            group, size = [], 0
        group.append(ending)
        size += len(ending)
    if group:
        yield group


def _silence(llama_cpp: object) -> None:
    """Keep llama.cpp's log off the user's terminal; its errors come back as codes."""
    global _log_callback  # noqa: PLW0603 - the C side keeps the pointer, so Python must keep the object
    if _log_callback is None:
        _log_callback = llama_cpp.llama_log_callback(lambda level, text, data: None)  # type: ignore[attr-defined]
        llama_cpp.llama_log_set(_log_callback, ctypes.c_void_p(0))  # type: ignore[attr-defined]


_log_callback: object | None = None
