"""RemoteGenerator: a language model behind an OpenAI-compatible server, asked with the prompts of the local one.

Only the chat endpoint is used, so that the server's own template is put around what is asked. Servers look for control
tokens in all of a chat's text, so those spelled out in an article or a question are broken up before they are sent.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar

from index.errors import GenerationError, PromptTooLongError, SettingsError
from qa.address import Address
from qa.generate import Prompt, Reading
from qa.replies import First, Json, NoLogprobsError, first_of, names_of, piece_of, prompt_tokens_of
from qa.server import AT_ONCE, BrokenOffError, RefusedError, Server, no_logprobs
from qa.stopping import check_wanted

T = TypeVar("T")
_TOP = 20  # likeliest first tokens asked for: as many as vLLM and OpenAI give
_FORBIDDEN = re.compile(r"[\[\]<>]")  # what the grammar of qa/prompt.py keeps out of a line
# What a control token looks like in the chat templates of today: <|im_end|>, </s>, <start_of_turn>, [INST], <<SYS>>.
_CONTROL = re.compile(r"<(?=[|/<\w｜])|\[(?=/?[A-Z_]+\])")
# Beyond OpenAI's own fields. Servers leave out what they do not know, or refuse; then they are not sent again.
_PLAIN = {"repetition_penalty": 1.0, "repeat_penalty": 1.0, "chat_template_kwargs": {"enable_thinking": False}}


def remote_generator(address: str, *, report: Callable[[str], None]) -> RemoteGenerator:
    """The language model that an address names.

    Args:
        address: As `Address.parse` takes it.
        report: Told, in one line, if what is asked leaves this machine.

    Returns:
        The model; nothing is asked of it yet.

    Raises:
        SettingsError: It is no address.
    """
    found = Address.parse(address)
    if not found.local:
        plain = ", unencrypted" if found.base.startswith("http:") else ""
        report(f"warning: questions and sentences of the articles are sent to {found.place}{plain}")
    return RemoteGenerator(Server(found))


class RemoteGenerator:
    """A language model on a server. Several requests are under way at once; nothing is asked before first use."""

    at_once = 4  # answers: each asks for little at a time once its sentences are judged

    def __init__(self, server: Server) -> None:
        """Prepare a model.

        Args:
            server: Where it runs.
        """
        self._server = server
        self.sent_to = "" if server.address.local else server.address.place
        self._model = server.address.model
        self._refused: frozenset[str] = frozenset()  # fields the server does not take
        self._empty_tokens: int | None = None
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="citewell-remote")

    @property
    def name(self) -> str:
        """What answers call the model: its name, once the server has told it, and the server's place."""
        place = self._server.address.place
        return f"{self._model.rsplit('/', 1)[-1]}@{place}" if self._model else place

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Find the server and its model, and have it read some prompts, so that it keeps their beginnings.

        Args:
            prompts: One of each kind that will be used.
        """
        self._named()
        self._all(lambda prompt: self._chat(prompt, max_tokens=1), prompts)

    def count(self, text: str) -> int:
        """How many tokens a text takes, by the server's own count of a message with it and of one without.

        Args:
            text: Any text.

        Returns:
            The number of tokens.
        """
        if self._empty_tokens is None:
            self._empty_tokens = self._prompt_tokens("")
        return self._prompt_tokens(text) - self._empty_tokens

    def has_probe(self, prompt: Prompt) -> bool:  # noqa: ARG002 - a server tells no states, whatever the prompt
        """No model on a server has one."""
        return False

    def judge(self, prompt: Prompt, endings: Sequence[str]) -> list[float]:
        """Ask one yes-or-no question about several texts.

        Args:
            prompt: The question; each ending is put at its end.
            endings: Texts to judge, any number.

        Returns:
            For each ending the log-odds of Yes over No as the reply's first word, as far as the server lists both.
        """
        return self._all(lambda ending: self._first(prompt, ending).yes_over_no, endings)

    def read_each(self, prompts: Sequence[Prompt], *, refusal: str) -> list[Reading]:
        """Look at what would come next after each of several prompts.

        Args:
            prompts: They have three parts in their last message.
            refusal: What the instructions tell the model to write where it cannot answer.

        Returns:
            A reading for each prompt, in order. `expected` needs the prompt's own probabilities, which vLLM gives; on
            other servers it is 0 for every reading, so that it counts for none.
        """

        def read(prompt: Prompt) -> Reading:
            beginning, source, scored = prompt.last
            first = self._first(Prompt(prompt.fixed, (beginning,)), source, scored, prompt_logprobs=0)
            return Reading(first.willing(refusal), first.expected(without_control(scored).strip()))

        return self._all(read, prompts)

    def write(self, prompt: Prompt, *, grammar: str, max_tokens: int) -> str:
        """Write one line, always taking the likeliest token.

        Args:
            prompt: What to reply to.
            grammar: GBNF that the reply has to fit; sent along, and used by servers that know how.
            max_tokens: Where to stop at the latest.

        Returns:
            The line; cut off at max_tokens. Empty where it holds brackets, which a server without grammars may write.
        """
        guided = {"grammar": grammar, "guided_grammar": grammar, "structured_outputs": {"grammar": grammar}}
        line = self._chat(prompt, max_tokens=max_tokens, stop=["\n"], extra=guided, reply=self._streamed)
        line = line.lstrip("\n").split("\n", 1)[0]
        return "" if _FORBIDDEN.search(line) else line

    def _first(self, prompt: Prompt, *endings: str, **options: int) -> First:
        """What the reply to a prompt would begin with; of an ending too long for the model, its beginning."""
        middle, *rest = endings
        while True:
            asked = replace(prompt, last=(*prompt.last, middle, *rest))
            try:
                reply = self._chat(asked, max_tokens=1, logprobs=True, top_logprobs=_TOP, extra=options)
                return self._checked(first_of, reply)
            except PromptTooLongError:
                if len(middle) < 200:  # not the ending's fault
                    raise
                middle = middle[: len(middle) // 2]

    def _chat(
        self,
        prompt: Prompt,
        *,
        extra: dict[str, Any] | None = None,
        reply: Callable[[str, Json], T] | None = None,
        **options: object,
    ) -> Any:  # noqa: ANN401 - what `reply` gives, the whole answer by default
        """Ask the chat endpoint, with fields that not every server takes."""
        check_wanted()
        send = reply or self._server.post
        body = {"model": self._named(), "messages": _messages(prompt), "temperature": 0, "top_p": 1.0, **options}
        fields = {name: value for name, value in (_PLAIN | (extra or {})).items() if name not in self._refused}
        try:
            return send("/chat/completions", body | fields)
        except RefusedError:
            if not fields:
                raise
            answer = send("/chat/completions", body)  # if that is refused too, it is not for the extra fields
            self._refused |= fields.keys()
            return answer

    def _streamed(self, path: str, body: Json) -> str:
        """A reply as it is written, so that giving up ends the server's work."""
        pieces: list[str] = []
        try:
            with closing(self._server.stream(path, body | {"stream": True})) as events:
                pieces.extend(self._checked(piece_of, event) for event in events)
        except BrokenOffError:
            if pieces:
                raise
            # llama_cpp.server ends a stream without a word where it fails before its first piece, as on a prompt that
            # is too long; asked for a reply in one piece, it says why.
            self._server.post(path, body | {"max_tokens": 1})
            raise
        return "".join(pieces)

    def _named(self) -> str:
        """The name of the server's model."""
        with self._lock:
            if self._model is None:
                names = self._checked(names_of, self._server.get("/models"))
                if len(names) != 1:
                    listed = ", ".join(names[:8]) or "none"
                    raise SettingsError(
                        f"{self._server.address.place}: the server has {len(names)} models ({listed}); "
                        "name one after a # at the end of its address"
                    )
                self._model = names[0]
            return self._model

    def _prompt_tokens(self, text: str) -> int:
        return self._checked(prompt_tokens_of, self._chat(Prompt((), (text,)), max_tokens=1))

    def _checked(self, read: Callable[[Json], T], reply: Json) -> T:
        """A part of a reply; GenerationError where it is not there."""
        try:
            return read(reply)
        except NoLogprobsError as error:
            raise GenerationError(no_logprobs(self._server.address.place)) from error
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise GenerationError(
                f"{self._server.address.place}: the server's reply is not what OpenAI-compatible servers send "
                f"({type(error).__name__}: {str(error)[:80]})"
            ) from error

    def _all(self, ask: Callable[[Any], T], given: Iterable[Any]) -> list[T]:
        """Ask about several things at once; the answers in order. Once one fails, the rest is not asked."""
        self._named()  # a server that is not there is found out once
        futures = [self._pool.submit(ask, one) for one in given]
        try:
            return [_awaited(future) for future in futures]
        finally:
            for future in futures:
                future.cancel()


def _awaited(future: Future[T]) -> T:
    while True:
        check_wanted()
        try:
            return future.result(timeout=0.1)
        except NotYet:
            if future.done():
                raise


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    fixed = [{"role": message.role, "content": message.content} for message in prompt.fixed]
    return [*fixed, {"role": "user", "content": without_control("".join(prompt.last))}]


def without_control(text: str) -> str:
    """A text in which nothing can be taken for a control token: a space breaks up what looks like one."""
    clean = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be sent
    return _CONTROL.sub(lambda found: f"{found.group()} ", clean)
