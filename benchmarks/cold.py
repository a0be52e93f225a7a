"""From nothing to the first quote: a new process each time, in turns with one that imports sentence-transformers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.embedding import in_turns
from index.resources import resource

_ROUNDS = 5
# What `citewell ask` does up to the sentences it has found, which the page and `stream` show at once.
_FIRST_QUOTE = "import sys; from qa import Chatbot; next(iter(Chatbot.open(sys.argv[1]).stream(sys.argv[2])))"


def time_cold(question: str) -> tuple[float, float]:
    """Start Python anew, each way in turns; the first start of all, which makes the index, is not counted.

    Args:
        question: What is asked of the sample articles.

    Returns:
        Median seconds to the first quote, and of `import sentence_transformers`, both with the start of Python.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CITEWELL_INDEXES": folder}

        def run(*code: str) -> None:
            subprocess.run([sys.executable, "-W", "ignore", "-c", *code], env=environment, check=True)

        def ask() -> None:
            run(_FIRST_QUOTE, str(resource("seeds")), question)

        ask()
        quote, library = in_turns([ask, lambda: run("import sentence_transformers")], rounds=_ROUNDS)
    return quote, library
