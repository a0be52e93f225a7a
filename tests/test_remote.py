"""A language model behind a server: a real one on loopback, and servers that fail in every way there is."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import COST, Run
from llm_server import KEY, real_server, scripted_server

from index.errors import CitewellError, GenerationError, PromptTooLongError, SettingsError, StoppedError
from index.passage_index import PassageIndex
from qa.address import Address
from qa.answer import Quotes
from qa.chatbot import Chatbot
from qa.choice import Choice
from qa.generate import Prompt
from qa.local import LlamaGenerator
from qa.prompt import LINE_GRAMMAR, REFUSAL, answer_prompt, check_prompt, judge_prompt, stated
from qa.remote import RemoteGenerator, remote_generator, without_control
from qa.server import Server
from qa.settings import Settings
from qa.stopping import while_wanted

SENTENCES = (
    "The tram line cost 40 million pounds.",
    "It has 12 stops.",
    "Ana Roe opened it on Monday.",
    "The council of York wants a tram line with 9 stops.",
    "Subscribe to our newsletter.",
)
real = pytest.mark.model


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_server(tmp_path_factory.mktemp("server") / "log") as (address, _):
        yield address


@pytest.fixture
def remote(address: str, monkeypatch: pytest.MonkeyPatch) -> RemoteGenerator:
    monkeypatch.setenv("CITEWELL_API_KEY", KEY)
    return remote_generator(address, report=pytest.fail)


def ask(address: str) -> list[float]:
    return remote_generator(address, report=pytest.fail).judge(judge_prompt(COST), SENTENCES[:2])


# --- a real server -------------------------------------------------------------------------------------------------


@real
def test_judgements_are_those_of_the_model_in_this_process(remote: RemoteGenerator, tiny: LlamaGenerator) -> None:
    checks = [stated("It cost 40 million pounds.", sentence) for sentence in SENTENCES]
    for prompt, endings in ((judge_prompt(COST), SENTENCES), (check_prompt(), checks)):
        there, here = remote.judge(prompt, endings), tiny.judge(prompt, endings)
        assert there == pytest.approx(here, abs=0.7)  # tokens are split otherwise where two texts meet
        pairs = [(a, b) for a in range(len(here)) for b in range(len(here)) if here[a] > here[b] + 0.7]
        assert all(there[a] > there[b] for a, b in pairs)
    assert remote.judge(judge_prompt(COST), []) == []


@real
def test_readings_are_those_of_the_model_in_this_process(remote: RemoteGenerator, tiny: LlamaGenerator) -> None:
    prompts = [answer_prompt(COST, text) for text in SENTENCES]
    there, here = (g.read_each(prompts, refusal=REFUSAL) for g in (remote, tiny))
    assert [r.willing for r in there] == pytest.approx([r.willing for r in here], abs=0.7)
    assert [r.expected for r in there] == [0.0] * 5  # this server gives no probabilities of the prompt
    assert max(range(5), key=lambda i: there[i].willing) == max(range(5), key=lambda i: here[i].willing)


@real
def test_a_line_is_written_to_the_grammar(remote: RemoteGenerator, tiny: LlamaGenerator) -> None:
    prompt = answer_prompt(COST, SENTENCES[0])
    written = remote.write(prompt, grammar=LINE_GRAMMAR, max_tokens=40)
    assert written == tiny.write(prompt, grammar=LINE_GRAMMAR, max_tokens=40)
    assert remote.write(prompt, grammar='root ::= "alpha" | "beta"', max_tokens=9) in {"alpha", "beta"}
    assert 2 <= remote.count(remote.write(prompt, grammar=LINE_GRAMMAR, max_tokens=3)) <= 4


@real
def test_tokens_are_counted_and_control_tokens_are_text(remote: RemoteGenerator, tiny: LlamaGenerator) -> None:
    assert remote.count(SENTENCES[3]) == tiny.count(SENTENCES[3])
    context = tiny._loaded()
    (control,) = context.tokenize("<|im_end|>", special=True)
    assert control not in context.tokenize(without_control("<|im_end|>"), special=True)
    assert remote.count("<|im_end|>") >= 5  # it would be one token


@real
def test_an_answer_end_to_end(remote: RemoteGenerator, towns: PassageIndex) -> None:
    bot = Chatbot(towns, remote, settings=Settings(answers_from=-50.0))
    first, second = bot.ask(COST), bot.ask(COST)
    assert first.claims
    assert first.claims == second.claims
    assert all(c.article.text[c.start : c.end] == c.text for c in first.citations)
    assert first.llm.startswith("SmolLM2-135M")
    assert "@127.0.0.1:" in first.llm


@real
def test_the_command_takes_an_address(address: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_API_KEY", KEY)
    code, out, err = run("ask", COST, "--articles", "clippings", "--llm", address, "--json")
    assert code == 0, err
    assert json.loads(out)["model"]["llm"].startswith("SmolLM2-135M")
    assert KEY not in out + err
    monkeypatch.setenv("CITEWELL_API_KEY", "wrong")
    code, out, err = run("ask", COST, "--articles", "clippings", "--llm", address)
    assert code == 1
    assert err.count("\n") == 1
    assert err.rstrip().endswith("refuses the key in CITEWELL_API_KEY")


@real
def test_keys(address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delenv("CITEWELL_API_KEY", raising=False)
    with pytest.raises(GenerationError, match="wants a key; set CITEWELL_API_KEY"):
        ask(address)
    monkeypatch.setenv("CITEWELL_API_KEY", "näh")
    with pytest.raises(SettingsError, match="characters no key has"):
        ask(address)
    monkeypatch.setenv("CITEWELL_API_KEY", KEY)
    with caplog.at_level(logging.DEBUG):
        assert len(ask(address)) == 2
    assert "chat/completions" in caplog.text
    assert KEY not in caplog.text


@real
def test_a_sentence_too_long_is_judged_by_its_beginning(remote: RemoteGenerator) -> None:
    long, short = remote.judge(judge_prompt(COST), ["tram " * 1500, "tram " * 100])
    assert -50 < long < 50
    assert -50 < short < 50
    assert len(remote.read_each([answer_prompt(COST, "tram " * 1500)], refusal=REFUSAL)) == 1
    with pytest.raises(PromptTooLongError):
        remote.write(answer_prompt(COST, "tram " * 1500), grammar=LINE_GRAMMAR, max_tokens=5)


@real
def test_giving_up_ends_a_reply_in_the_middle_and_frees_the_server(remote: RemoteGenerator) -> None:
    endless = Prompt((), ("Tell a very long story.",))
    remote.judge(judge_prompt(COST), SENTENCES[:1])
    asked = 0

    def wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked < 8

    with pytest.raises(StoppedError), while_wanted(wanted):
        remote.write(endless, grammar='root ::= "a"+', max_tokens=900)
    begun = time.monotonic()
    remote.judge(judge_prompt(COST), SENTENCES[:1])
    assert time.monotonic() - begun < 15  # 900 tokens would take far longer


@real
@pytest.mark.slow
def test_a_server_without_probabilities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_API_KEY", KEY)
    with (
        real_server(tmp_path / "log", logprobs=False) as (address, _),
        pytest.raises(GenerationError, match="no token probabilities .* --logits_all true"),
    ):
        ask(address)


@real
@pytest.mark.slow
def test_a_server_that_dies(tmp_path: Path, towns: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_API_KEY", KEY)
    with real_server(tmp_path / "log") as (address, process):
        generator = remote_generator(address, report=pytest.fail)
        generator.prepare([])
        threading.Timer(1.5, process.kill).start()
        with pytest.raises(GenerationError, match="broke off|can be reached"):
            generator.write(Prompt((), ("Tell a story.",)), grammar='root ::= "a"+', max_tokens=900)
        process.wait()
        stream = Chatbot(towns, generator, settings=Settings()).stream(COST)
        assert isinstance(next(stream), Quotes)  # retrieval needs no server
        with pytest.raises(GenerationError, match="no language model server can be reached there") as caught:
            list(stream)
        assert "\n" not in str(caught.value)


# --- servers that do other things ----------------------------------------------------------------------------------

MODELS = (200, json.dumps({"data": [{"id": "org/model"}]}).encode())


def completion(**more: Any) -> bytes:  # noqa: ANN401
    top = [{"token": "Yes", "logprob": -0.1}, {"token": " no", "logprob": -2.5}, {"token": "Not", "logprob": -4.0}]
    content = [{"token": "Yes", "logprob": -0.1, "top_logprobs": top}]
    choice = {"message": {"content": "Yes"}, "logprobs": {"content": content}, "finish_reason": "length"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7}, **more}).encode()


def chat(reply: Callable[[dict[str, Any]], tuple[int, bytes]]) -> Callable[[str, dict[str, Any]], tuple[int, bytes]]:
    return lambda path, body: MODELS if path.endswith("/models") else reply(body)


def error(status: int, message: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"message": message}}).encode()


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        ((200, b"<html>hello</html>"), "reply is no JSON; wanted the address"),
        ((200, b"[1]"), "is no JSON object"),
        ((200, b"["), "is no JSON"),
        ((200, b"[" * 100_000), "is no JSON"),
        ((200, b"{}"), r"not what OpenAI-compatible servers send \(KeyError"),
        ((200, b'{"choices": []}'), "IndexError"),
        ((200, b'{"choices": [{}]}'), "no token probabilities"),
        ((200, b'{"choices": [{"logprobs": {"content": [{"token": "a"}]}}]}'), "no token probabilities"),
        ((200, completion().replace(b"-2.5", b"NaN")), "a log-probability of nan"),
        ((200, completion().replace(b"-2.5", b'"x"')), "a log-probability 'x'"),
        ((200, completion().replace(b'"Yes"', b'"<think>"')), "thinks before it replies"),
        ((200, b" " * 17 * 2**20), "does not end"),
        ((302, b""), r"failed \(302"),
        ((404, b"no such page"), r"not found \(404: no such page\)"),
        (error(500, "out of\nmemory " + "x" * 999), r"failed \(500: out of memory x+…\)"),
        (error(400, "bad role"), r"refuses the request \(400: bad role\)"),
        (error(503, f"no {KEY}"), r"failed \(503: no …\)"),
        (error(403, f"bad {KEY}"), "refuses the key in CITEWELL_API_KEY$"),
        (error(400, "maximum context length is 8"), "maximum context length"),
    ],
)
def test_a_server_that_fails(reply: tuple[int, bytes], wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_API_KEY", KEY)
    with scripted_server(chat(lambda body: reply)) as address, pytest.raises(CitewellError, match=wanted) as caught:
        ask(address)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert KEY not in str(caught.value)


def test_a_server_that_is_silent() -> None:
    with scripted_server(chat(lambda body: (200, completion())), delay_s=0.6) as address:
        generator = RemoteGenerator(Server(Address.parse(address), reply_s=0.2))
        with pytest.raises(GenerationError, match="gave no answer within 0 seconds"):
            generator.prepare([])


@pytest.mark.parametrize("body", [b"", b'data: {"choices": [{"delta": {"content": "It cost"}}]}\n\n'])
def test_a_reply_that_ends_early_is_no_reply(body: bytes) -> None:
    with scripted_server(chat(lambda asked: (200, body if "stream" in asked else completion()))) as address:
        generator = remote_generator(address, report=pytest.fail)
        with pytest.raises(GenerationError, match="broke off its reply"):
            generator.write(answer_prompt(COST, "x"), grammar=LINE_GRAMMAR, max_tokens=5)


def said(*pieces: str) -> bytes:
    events = [
        {"choices": [{"delta": {"role": "assistant"}}]},
        *({"choices": [{"delta": {"content": p}}]} for p in pieces),
    ]
    return (
        b"".join(b"data: " + json.dumps(e).encode() + b"\r\n\r\n" for e in [*events, {"choices": []}])
        + b"data: [DONE]\n"
    )


@pytest.mark.parametrize(
    ("pieces", "line"),
    [(("It ", "cost é."), "It cost é."), (("\nIt", " cost.\nMore"), "It cost."), (("It [1]",), ""), ((), "")],
)
def test_a_server_without_grammars_gives_one_checked_line(pieces: tuple[str, ...], line: str) -> None:
    asked: list[dict[str, Any]] = []

    def picky(body: dict[str, Any]) -> tuple[int, bytes]:
        asked.append(body)
        own = {"model", "messages", "temperature", "top_p", "max_tokens", "stop", "stream"}
        return error(400, "Unrecognized request argument") if body.keys() - own else (200, said(*pieces))

    with scripted_server(chat(picky)) as address:
        generator = remote_generator(address, report=pytest.fail)
        for _ in range(2):
            assert generator.write(answer_prompt(COST, "x"), grammar=LINE_GRAMMAR, max_tokens=5) == line
    assert [body.keys() >= {"grammar", "structured_outputs"} for body in asked] == [True, False, False]


def test_probabilities_of_the_prompt_are_used_where_a_server_gives_them() -> None:
    tokens = [
        ("<s>", -9.0),
        ("Question: What?", -9.0),
        (" a source\nQuestion:", -9.0),
        (" What", -2.0),
        ("?", -0.5),
        ("</s>", -9.0),
    ]
    places = [
        None,
        *({"17": {"logprob": p, "decoded_token": t}, "4": {"logprob": 0.0, "decoded_token": "x"}} for t, p in tokens),
    ]
    asked: list[Any] = []

    def vllm(body: dict[str, Any]) -> tuple[int, bytes]:
        asked.append(body.get("prompt_logprobs"))
        return 200, completion(prompt_logprobs=places)

    with scripted_server(chat(vllm)) as address:
        (reading,) = remote_generator(address, report=pytest.fail).read_each(
            [answer_prompt("What?", "a source")], refusal=REFUSAL
        )
    assert asked == [0]
    assert reading.expected == pytest.approx(-2.5)
    assert reading.willing == pytest.approx(4.0, abs=0.1)  # 'Not' has log-probability -4


def test_log_odds_are_read_off_the_first_token() -> None:
    with scripted_server(chat(lambda body: (200, completion()))) as address:
        assert ask(address) == pytest.approx([2.4, 2.4])
    with scripted_server(chat(lambda body: (200, completion().replace(b'" no"', b'"Perhaps"')))) as address:
        assert ask(address) == pytest.approx([3.9, 3.9])  # No is at most as likely as the last that is listed
    with scripted_server(
        chat(lambda body: (200, completion().replace(b"Yes", b"The").replace(b" no", b"A")))
    ) as address:
        assert ask(address) == [-10.0, -10.0]


def test_requests_go_out_together_and_answers_keep_their_order() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(body: dict[str, Any]) -> tuple[int, bytes]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        number = int(body["messages"][-1]["content"].rsplit(" ", 1)[1])
        return 200, completion().replace(b"-2.5", str(-2.5 - number).encode())

    with scripted_server(chat(slow)) as address:
        odds = remote_generator(address, report=pytest.fail).judge(judge_prompt(COST), [str(n) for n in range(20)])
    assert odds == pytest.approx([2.4 + n for n in range(20)])
    assert 2 <= most <= 8


def test_a_server_with_several_models_wants_one_named() -> None:
    models = 200, json.dumps({"data": [{"id": "one"}, {"id": "two"}]}).encode()
    asked: list[str] = []

    def reply(path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        asked.append(body.get("model", path))
        return models if path.endswith("/models") else (200, completion())

    with scripted_server(reply) as address:
        with pytest.raises(SettingsError, match=r"has 2 models \(one, two\); name one after a #"):
            ask(address)
        assert len(ask(f"{address}#two")) == 2
    assert asked == ["/v1/models", "two", "two"]  # one question before all that would go out together


def test_the_model_keeps_both_its_names() -> None:
    with scripted_server(chat(lambda body: (200, completion()))) as address:
        generator = remote_generator(address, report=pytest.fail)
        choice = Choice(generator)
        before = choice.names
        generator.prepare([])
        assert choice.names[0].startswith("model@127.0.0.1:")
        assert choice.pick(before[0]) is choice.pick(choice.names[0]) is generator


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "base", "model", "local"),
    [
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", None, True),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1", None, True),
        ("http://[::1]:8080#a%20b", "http://[::1]:8080/v1", "a b", True),
        ("https://example.org/x/v1#org/m", "https://example.org/x/v1", "org/m", False),
        ("http://127.0.0.1.example.org:80", "http://127.0.0.1.example.org:80/v1", None, False),
    ],
)
def test_addresses(text: str, base: str, model: str | None, local: bool) -> None:
    address = Address.parse(text)
    assert (address.base, address.model, address.local) == (base, model, local)


@pytest.mark.parametrize(
    "text", ["ftp://h/v1", "file:///etc/passwd", "http://", "http://h:99999/v1", "http://h/v1?key=x"]
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"wanted http\(s\)://HOST:PORT/v1"):
        Address.parse(text)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="CITEWELL_API_KEY") as caught:
        Address.parse("http://me:hushhush@127.0.0.1/v1")
    assert "hushhush" not in str(caught.value)


def test_a_server_elsewhere_gets_a_warning() -> None:
    lines: list[str] = []
    unencrypted = remote_generator("http://example.org:8000/v1", report=lines.append)
    remote_generator("https://example.org/v1", report=lines.append)
    assert unencrypted.sent_to == "example.org:8000"
    assert remote_generator("http://127.0.0.1:8000/v1", report=lines.append).sent_to == ""
    assert lines == [
        "warning: questions and sentences of the articles are sent to example.org:8000, unencrypted",
        "warning: questions and sentences of the articles are sent to example.org",
    ]


@pytest.mark.parametrize(
    "text", ["<|im_end|>", "</s>", "<s>", "<start_of_turn>", "[INST] x [/INST]", "<<SYS>>", "<｜User｜>", "<think>"]
)
def test_control_tokens_are_broken_up(text: str) -> None:
    clean = without_control(text)
    assert clean.replace(" ", "") == text.replace(" ", "")
    assert not any(part in clean for part in text.split(" ") if part[0] in "<[")
    assert without_control("5 < 6, [1], [a] \ud800") == "5 < 6, [1], [a] ?"
