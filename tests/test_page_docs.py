"""docs/page.md: its examples, run as they stand there against a page with scripted answers, and the docs' pictures."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import ROOT
from page_bot import ScriptedBot

from ui.app import build_app
from ui.serve import start

GUIDE = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    blocks = start(build_app(ScriptedBot()), host="127.0.0.1", port=None, mcp=True)
    yield str(blocks.local_url).rstrip("/")
    blocks.close(verbose=False)


def printed(example: str, address: str) -> str:
    """What an example prints, run as a program of its own would, with this page's address for the usual one."""
    assert ADDRESS in example
    code = compile(example.replace(ADDRESS, address), "docs/page.md", "exec")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), ThreadPoolExecutor(1) as thread:
        thread.submit(exec, code, {"__name__": "__main__"}).result(60)
    return out.getvalue()


def test_there_is_one_example_for_each_way_in() -> None:
    assert len(EXAMPLES) == 2
    assert "gradio_client" in EXAMPLES[0]
    assert "from mcp import" in EXAMPLES[1]


def test_the_example_for_gradio_client(address: str) -> None:
    bot = ScriptedBot()
    hit = bot.search("rules of war", k=5)[0]
    wanted = f"{hit.sentence.article.id} {hit.sentence.start} {hit.sentence.end} {hit.sentence.text}"
    text = bot.ask("How many countries are in the coalition against ISIS?").text
    assert printed(EXAMPLES[0], address).endswith(f"{text}\n{wanted}\n")


def test_the_example_for_the_model_context_protocol(address: str) -> None:
    text = ScriptedBot().ask("How many countries are in the coalition against ISIS?").text
    assert printed(EXAMPLES[1], address) == f"{text}\n"


def test_the_docs_show_every_picture_there_is_and_no_other() -> None:
    sys.path.append(str(ROOT / "scripts"))
    from screenshots import STATES, shown_pictures

    folder = ROOT / "docs" / "images"
    assert shown_pictures() == {path.name for path in folder.iterdir()}
    looks = ("", "-phone", "-dark", "-phone-dark")
    assert shown_pictures() <= {f"{state}{look}.png" for state in STATES for look in looks}
