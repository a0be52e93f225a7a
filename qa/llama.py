"""LlamaContext: the few llama.cpp calls citewell needs, behind plain Python values.

The high-level class of llama-cpp-python keeps one sequence; judging many sentences against one question wants many that
share their beginning. So this talks to the C functions that llama-cpp-python exports.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from index.errors import GenerationError, ModelMissingError, PromptTooLongError
from qa.endings import MOST, Branched, Ending, Logits, groups, log_sum_exp
from qa.kept import KeptStates, State, put_back, take_out
from qa.quiet import silence
from qa.states import LayerStates, States, interrupts_held

BATCH_TOKENS = 2048  # most tokens of one call
SEQUENCES = MOST + 1  # the endings tried at once, and the main one
PINS = 4  # beginnings kept ready; each prompt of prompt.py has one
KEPT_BYTES = 256 * 2**20  # for what is kept of endings: some 200 sentences of the default model
_Row = tuple[int, int, int, bool]  # token, position, sequence, whether logits are wanted


class LlamaContext:
    """A loaded GGUF model with one growing sequence, and short-lived branches off its end."""

    def __init__(self, path: Path, *, context_tokens: int, threads: int, layer: int | None = None) -> None:
        """Load a model.

        Args:
            path: A GGUF file.
            context_tokens: Room for a prompt and what is written, in tokens.
            threads: CPU threads; 0 is one per core.
            layer: Which layer's states `branch` gives; None for none.

        Raises:
            ModelMissingError: The file cannot be loaded as a GGUF model.
        """
        import llama_cpp  # noqa: PLC0415 - loads the native library

        self._c = llama_cpp
        silence(llama_cpp)
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        # With its code for AMX, which scripts/llama_lean.cmake leaves out, llama.cpp may end the process at the first
        # prompt; weights that are not rearranged never reach that code.
        params.use_extra_bufts = b"AMX_INT8 = 1" not in llama_cpp.llama_print_system_info()
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if not self._model:
            raise ModelMissingError(f"{path}: cannot be loaded; wanted a GGUF model this llama.cpp knows")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        size = llama_cpp.llama_model_n_embd(self._model)
        self._states = LayerStates(layer, size=size) if layer is not None else None
        self._ctx = self._new_context(context_tokens, threads or os.cpu_count() or 1)
        if not self._ctx:
            raise ModelMissingError(f"{path}: not enough memory for a context of {context_tokens} tokens")
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)
        self.context_tokens = context_tokens
        self.tokens: list[int] = []  # what the main sequence holds
        self.tried: dict[tuple[int, ...], tuple[int, Logits]] = {}  # prompts just tried -> sequence, logits
        self._pins: dict[tuple[int, ...], State] = {}  # beginnings kept ready -> their state; oldest use first
        self._kept = KeptStates(KEPT_BYTES)  # of the first tokens of endings
        # A recurrent model has one state for all it has read: nothing of it can be put after something else.
        self._keeps = not (
            llama_cpp.llama_model_is_recurrent(self._model) or llama_cpp.llama_model_is_hybrid(self._model)
        )
        self.tokens_read = 0  # since the start, for benchmarks

    def _new_context(self, context_tokens: int, threads: int) -> object:
        params = self._c.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = BATCH_TOKENS
        params.n_seq_max = SEQUENCES
        params.kv_unified = True  # branches share the memory of their common beginning
        params.n_threads = params.n_threads_batch = threads
        if self._states is not None:
            params.cb_eval = self._states.callback
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

    def begin_mark(self) -> str:
        """The token a text starts with, spelled out, for chat templates that place it themselves."""
        token = self._c.llama_vocab_bos(self._vocab)
        return str(self._c.llama_vocab_get_text(self._vocab, token).decode("utf-8", "replace")) if token >= 0 else ""

    def read(self, tokens: Sequence[int], *, pin: int = 0) -> Logits:
        """Make the main sequence hold exactly these tokens.

        Args:
            tokens: The whole prompt.
            pin: How many of them, fewer than all, are a fixed beginning, read once and kept for the prompts after.

        Returns:
            The logits of the next token, float32, shape (vocabulary,).

        Raises:
            PromptTooLongError: The tokens do not fit the context.
        """
        tried = self.tried.get(tuple(tokens))
        if tried is not None:
            return self._take(tried, tokens)
        if len(tokens) >= self.context_tokens:
            raise PromptTooLongError(f"the prompt has {len(tokens)} tokens, {self.context_tokens} fit the model")
        # Always from an empty memory and the pin, never from where the last prompt happened to agree: tokens at other
        # places, or split otherwise, round differently, and a question must get the same answer whatever came before.
        self._clear()
        if pin:
            self._read_pinned(tuple(tokens[:pin]))
        return self.extend(tokens[pin:])

    @property
    def room(self) -> int:
        """Tokens that still fit the context."""
        return self.context_tokens - len(self.tokens)

    @property
    def branch_room(self) -> int:
        """Most tokens of one branch."""
        return min(BATCH_TOKENS, self.room)

    def _read_pinned(self, beginning: tuple[int, ...]) -> None:
        """Put a beginning into the empty memory: read it the first time, and copy it from then on."""
        saved = self._pins.pop(beginning, None)
        if saved is None:
            self.extend(beginning)
            saved = take_out(self._c, self._ctx, 0)
        else:
            put_back(self._c, self._ctx, 0, saved)
        self.tokens = list(beginning)
        self._pins[beginning] = saved  # most recently used
        if len(self._pins) > PINS:
            del self._pins[next(iter(self._pins))]

    def _clear(self) -> None:
        self._c.llama_memory_clear(self._memory, False)
        self.tokens, self.tried = [], {}

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

    def branch(self, endings: Sequence[Ending]) -> list[Branched]:
        """Try several continuations of the main sequence at once; it stays as it is.

        Args:
            endings: What to append, each at least one token.

        Returns:
            What the model makes of each, in order.

        Raises:
            PromptTooLongError: An ending does not fit the context.
        """
        found: list[Branched] = []
        endings = endings if self._keeps else [replace(ending, kept=0) for ending in endings]
        for group in groups(endings, self.branch_room):
            self._drop_branches()
            kept = [self._read_kept(ending.tokens[: ending.kept]) for ending in group]
            rows: list[_Row] = []
            for sequence, (ending, state) in enumerate(zip(group, kept, strict=True), 1):
                if state is not None:
                    put_back(self._c, self._ctx, sequence, state)
                self._c.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
                rows.extend(self._ending_rows(ending, sequence))
            self._decode(rows)
            states = self._states.rows() if self._states is not None else None
            first = 0
            for sequence, ending in enumerate(group, 1):
                found.append(self._branched(ending, first, states))
                self.tried[(*self.tokens, *ending.tokens)] = sequence, found[-1].logits
                first += len(ending.tokens) - ending.kept
        return found

    def _read_kept(self, tokens: tuple[int, ...]) -> State | None:
        """What some tokens make after the main sequence, without that sequence; no other branch may be there.

        Read the first time, and always by themselves: among others, and at other places, they round differently.
        """
        if not tokens:
            return None
        length = len(self.tokens)
        read = length, (*self.tokens, *tokens)
        state = self._kept.get(read)
        if state is None:
            self._c.llama_memory_seq_cp(self._memory, 0, 1, -1, -1)
            self._decode([(token, length + i, 1, False) for i, token in enumerate(tokens)])
            self._c.llama_memory_seq_rm(self._memory, 1, 0, length)  # the main sequence still has them
            state = take_out(self._c, self._ctx, 1)
            self._kept.put(read, state)
            self._c.llama_memory_seq_rm(self._memory, 1, -1, -1)
        return state

    def _take(self, tried: tuple[int, Logits], tokens: Sequence[int]) -> Logits:
        """Go on from a prompt that was just tried as a branch: nothing is read again."""
        sequence, logits = tried
        self._c.llama_memory_seq_rm(self._memory, 0, -1, -1)
        self._c.llama_memory_seq_cp(self._memory, sequence, 0, -1, -1)
        self.tokens = list(tokens)
        self._drop_branches()
        return logits

    def _ending_rows(self, ending: Ending, sequence: int) -> Iterable[_Row]:
        """What is left to read of an ending: logits are wanted before each scored token and after the last."""
        last = len(ending.tokens) - 1
        for i, token in enumerate(ending.tokens[ending.kept :], ending.kept):
            yield token, len(self.tokens) + i, sequence, i == last or i + 1 in ending.scored

    def _branched(self, ending: Ending, first: int, states: States | None) -> Branched:
        """What was made of an ending, whose rows of the last call begin with a given one."""
        first -= ending.kept  # where the row of its first token would be
        likelihood = 0.0
        for i in ending.scored:
            before = self._logits(first + i - 1)
            likelihood += float(before[ending.tokens[i]] - log_sum_exp(before))
        last = first + len(ending.tokens) - 1
        return Branched(likelihood, self._logits(last), None if states is None else states[last])

    def _drop_branches(self) -> None:
        for sequence in range(1, SEQUENCES):
            self._c.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self.tried = {}

    def _decode(self, rows: Sequence[_Row]) -> None:
        """Run the model over (token, position, sequence, wants logits), in batches."""
        if self._states is not None:
            self._states.forget()
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
            with interrupts_held():
                code = self._c.llama_decode(self._ctx, batch)
            if code:
                self._clear()
                raise GenerationError(f"llama.cpp failed to read {len(part)} tokens (code {code})")
            self.tokens_read += len(part)

    def _logits(self, row: int) -> Logits:
        size = self._c.llama_vocab_n_tokens(self._vocab)
        pointer = self._c.llama_get_logits_ith(self._ctx, row)
        return np.ctypeslib.as_array(pointer, shape=(size,)).copy()
