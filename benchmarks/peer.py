"""Against a peer: LlamaIndex's CitationQueryEngine with the same GGUF, embedder, articles and questions, in turns.

Its packages live in an environment of their own, so that their pins never bind ours. What is large and the same for
both, torch, llama.cpp and sentence-transformers, it sees by a .pth file that names ours; its own come first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.chatbot import Chatbot

_ENVIRONMENT = Path("build") / "peer"
_WITH_NEEDS = ("llama-index-core>=0.14,<0.15",)
# Their needs are llama.cpp and sentence-transformers, which are there.
_ALONE = ("llama-index-llms-llama-cpp>=0.7,<0.8", "llama-index-embeddings-huggingface>=0.8,<0.9")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question put to both."""

    question: str
    ours_s: float
    theirs_s: float
    ours: str
    theirs: str


def time_peer(
    bot: Chatbot, questions: Sequence[str], *, llm: Path, embedder: Path, threads: int, say: Callable[[str], object]
) -> list[Turn]:
    """Put questions to both, one after the other.

    Args:
        bot: Ours, with both models loaded.
        questions: What to ask.
        llm: The GGUF file.
        embedder: The sentence-transformers folder.
        threads: For the language model of the peer.
        say: Told what takes long.

    Returns:
        What each took and said.
    """
    say("making the peer's environment")
    python = _environment()
    command = [python, Path(__file__).with_name("peer_engine.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        setup = {
            "llm": str(llm),
            "embedder": str(embedder),
            "context_tokens": bot.settings.context_tokens,
            "threads": threads,
            "articles": [article.text for article in bot.articles],
        }
        print(json.dumps(setup), file=peer.stdin, flush=True)
        say("the peer reads the articles")
        if peer.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the peer did not start (exit {peer.wait()})")
        turns = []
        for question in questions:
            started = time.perf_counter()
            ours = bot.ask(question).text
            ours_s = time.perf_counter() - started
            print(json.dumps(question), file=peer.stdin, flush=True)
            theirs = json.loads(peer.stdout.readline())
            turns.append(Turn(question, ours_s, theirs["seconds"], ours, theirs["answer"]))
            say(f"{ours_s:5.1f} s against {theirs['seconds']:5.1f} s: {question}")
        peer.stdin.close()
    return turns


def _environment() -> Path:
    """The Python of the peer's environment, made if it is not there."""
    python = _ENVIRONMENT / "bin" / "python"
    done = _ENVIRONMENT / "done"
    if not done.exists():
        venv.create(_ENVIRONMENT, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *_WITH_NEEDS], check=True)
        subprocess.run([*install, "--no-deps", *_ALONE], check=True)
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        shared = _ENVIRONMENT / "lib" / name / "site-packages" / "zz_shared.pth"  # after its own packages
        shared.write_text(sysconfig.get_paths()["purelib"] + "\n")
        done.touch()
    return python
