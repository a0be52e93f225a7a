"""How long a reader waits on the chat page: from pressing Enter to the first quote, the first claim, the whole answer.

`python -m benchmarks.page` asks questions about seeds/ in a real Chromium, each in a conversation of its own, after one
that is not counted. Times are the browser's: when the frame that shows a thing begins to be drawn. What the same
question takes inside citewell stands beside, so that the rest is the page's own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page

from index.resources import resource
from qa.about import describe_machine, describe_versions
from qa.chatbot import Chatbot
from qa.questions import DEFAULT_FILES, load_questions
from ui.app import build_app
from ui.serve import start

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from browser import Visit, open_browser

_PATIENCE_S = 600
# Notes, from the next Enter on, the frame in which each thing is first there.
_WATCH = """() => {
  const times = window.times = {};
  const wanted = { quote: ".cw-source", claim: ".cw-claim", done: '[data-state="done"], [data-state="failed"]' };
  document.addEventListener("keydown", () => { times.enter = performance.now(); }, { capture: true, once: true });
  const watcher = new MutationObserver(() => requestAnimationFrame(() => {
    const turn = document.querySelector(".cw-turn");
    for (const [name, selector] of Object.entries(wanted)) {
      const there = turn && (turn.matches(selector) || turn.querySelector(selector));
      if (there && !(name in times)) times[name] = performance.now();
    }
    if ("done" in times) watcher.disconnect();
  }));
  watcher.observe(document.querySelector("#cw-thread"), { subtree: true, childList: true, attributes: true });
}"""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a reader waited for after pressing Enter; seconds, None for what did not come.

    Attributes:
        question: What was asked.
        quote: The first sentence was shown.
        claim: The first claim was shown.
        answer: The answer was finished.
        inside: What the answer says of itself: the same three, from when the server had the question.
        load: Processes that wanted to run when it was asked (load average of the last minute).
    """

    question: str
    quote: float | None
    claim: float | None
    answer: float | None
    inside: tuple[float | None, float | None, float | None]
    load: float


def time_page(bot: Chatbot, questions: list[str]) -> list[Wait]:
    """Ask each question on a page in a browser; the first one warms up and is left out."""
    blocks = start(build_app(bot), host="127.0.0.1", port=None)
    with open_browser() as browser:
        visit = Visit(browser, str(blocks.local_url))
        page = visit.tab()
        waits = []
        for question in questions:
            waits.append(_time_question(page, question))
            print(waits[-1], file=sys.stderr)
        visit.close()
    blocks.close(verbose=False)
    return waits[1:]


def _time_question(page: Page, question: str) -> Wait:
    load = os.getloadavg()[0]
    page.fill("#cw-box textarea", question)
    page.evaluate(_WATCH)
    page.keyboard.press("Enter")
    page.wait_for_function("'done' in window.times", timeout=_PATIENCE_S * 1000)
    times: dict[str, float] = page.evaluate("window.times")
    with page.expect_download() as download:
        page.locator(".cw-export summary").click()
        page.get_by_role("button", name="JSON", exact=True).click()
    (answer,) = json.loads(download.value.path().read_text(encoding="utf-8"))
    page.get_by_role("button", name="New conversation").click()
    page.locator(".cw-intro").wait_for()
    quote, claim, done = (
        (times[n] - times["enter"]) / 1000 if n in times else None for n in ("quote", "claim", "done")
    )
    inside = answer["timings_s"]
    return Wait(question, quote, claim, done, (inside["first_quote"], inside["first_claim"], inside["total"]), load)


def main() -> None:
    """Time the page, print a table, write page.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--questions", type=int, default=10, metavar="N", help="questions to time (default: 10)")
    parser.add_argument("--llm", metavar="NAME|PATH|URL", help="language model (default: the usual one)")
    parser.add_argument("--out", type=Path, default=Path("bench-report"), metavar="DIR")
    args = parser.parse_args()
    bot = Chatbot.open(resource("seeds"), llm=args.llm)
    bot.load()
    bot.warm_up()
    asked = [q.question for q in load_questions(DEFAULT_FILES[:1]).questions][: args.questions + 1]
    waits = time_page(bot, asked)
    loads = [wait.load for wait in waits]
    print(f"{len(waits)} questions, {bot.llm_name}, load average {min(loads):.1f} to {max(loads):.1f}")
    print(f"{'from Enter to':15}  {'median':>8}  {'least':>8}  {'most':>8}  {'inside':>8}")
    for at, name in enumerate(("quote", "claim", "answer")):
        shown = [s for w in waits if (s := getattr(w, name)) is not None]
        inside = [s for w in waits if (s := w.inside[at]) is not None]
        if shown:
            row = (statistics.median(shown), min(shown), max(shown), statistics.median(inside))
            print(f"{name:15}  " + "  ".join(f"{s:6.3f} s" for s in row))
    args.out.mkdir(parents=True, exist_ok=True)
    report = {"machine": describe_machine(), "versions": describe_versions(), "waits": [asdict(w) for w in waits]}
    (args.out / "page.json").write_text(json.dumps(report, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
