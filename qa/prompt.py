"""Question and sentences -> prompts: every word the language model is told stands here (pure).

Each prompt is a fixed beginning of instructions and worked examples, read once and kept, and one last message. The
examples are made up; none is about anything in the articles that come with citewell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from qa.generate import Message, Prompt

_JUDGE_RULE = "You check whether sentences from news articles answer a question."

REFUSAL = "Not stated."

_ANSWER_RULE = (
    "Answer the question in one short sentence of your own, using only what the source says. "
    f"Keep its numbers, names and dates as they are. If the source does not answer it, write: {REFUSAL}"
)
_ANSWER_EXAMPLES = (
    (
        "When did the bridge open?",
        "The bridge, which cost 40 million euros and took six years to build, was opened to traffic in May 1998.",
        "The bridge opened in May 1998.",
    ),
    ("How many people did the flood kill?", "The flood destroyed more than 300 houses along the river.", REFUSAL),
    (
        "Is the vaccine safe for children?",
        "Researchers said they had found no serious side effects in the 2,000 children who received it.",
        "Yes, researchers found no serious side effects in the 2,000 children who received it.",
    ),
    ("Why did the minister resign?", "The minister, Anna Berg, resigned on Monday.", REFUSAL),
    (
        "what does the mayor want to build",
        "She called for a new tram line to the harbour, saying the buses were full, and asked the council to pay.",
        "The mayor called for a new tram line to the harbour.",
    ),
    (
        "Did the company explain the delay?",
        "The company declined to comment on why the trains were late, a spokesman for the union said on Friday.",
        "No, the company declined to comment, according to a spokesman for the union.",
    ),
)

_CHECK_RULE = "Does the source say what the statement says? Reply Yes or No."
_CHECK_EXAMPLES = (
    (
        "The bridge, which cost 40 million euros, was opened to traffic in May 1998.",
        "The bridge opened in May 1998.",
        "Yes",
    ),
    ("The union said that 300 workers had been dismissed.", "300 workers went on strike.", "No"),
    ("She called for a new tram line, saying the buses were full.", "The city is building a new tram line.", "No"),
    ("Police have not confirmed that a second man was arrested.", "A second man was arrested.", "No"),
    ("Okafor, who has directed the museum since 2011, will leave.", "The museum is directed by Okafor.", "Yes"),
    (
        "About 40 percent of the harvest was lost to the drought.",
        "The drought destroyed 40 percent of the harvest.",
        "Yes",
    ),
)

_REWRITE_RULE = (
    "Rewrite the last question so that it can be understood without the conversation. "
    "Replace words such as he, she, it, they, there or that by what they stand for. Add nothing else."
)
_REWRITE_EXAMPLES = (
    (
        "Q: Who runs the museum?\nA: The museum is directed by Paul Okafor.\nLast question: How long has he done that?",
        "How long has Paul Okafor directed the museum?",
    ),
    (
        "Q: When did the bridge open?\nA: The bridge opened in May 1998.\nLast question: And what did it cost?",
        "What did the bridge cost?",
    ),
    (
        "Q: How many houses did the flood destroy?\nA: The flood destroyed more than 300 houses.\n"
        "Last question: In which town?",
        "In which town did the flood destroy more than 300 houses?",
    ),
    (
        "Q: What did the mayor promise?\nA: She promised a new tram line.\n"
        "Last question: What did the union say about wages?",
        "What did the union say about wages?",
    ),
)

LINE_GRAMMAR = r"root ::= [^\n\[\]<>]+"
"""One line without brackets: a claim carries no marks of its own, they are put there by code."""


def judge_prompt(question: str) -> Prompt:
    """Ask whether a sentence answers a question; the sentence itself is appended to the prompt.

    Args:
        question: What the user asks.

    Returns:
        The prompt; it ends where the sentence goes.
    """
    asked = f"Question: {question}\n\nDoes the sentence answer the question? Reply Yes or No.\nSentence: "
    return Prompt(_fixed(_JUDGE_RULE, ()), (asked,))


def answer_prompt(question: str, source: str) -> Prompt:
    """Ask for the answer that a source gives, as one sentence, or for the refusal.

    Args:
        question: What the user asks.
        source: The sentence to answer from.

    Returns:
        The prompt; its last part is the question, so that how well the source leads to it can be read off.
    """
    examples = [(f"Source: {given}\nQuestion: {q}", answer) for q, given, answer in _ANSWER_EXAMPLES]
    return Prompt(_fixed(_ANSWER_RULE, examples), ("Source:", f" {source}\nQuestion:", f" {question}"), probe="answer")


def check_prompt() -> Prompt:
    """Ask whether a source says a statement; both are appended to the prompt, as `stated` puts them.

    The source comes first: read before the statement, it told 0.72 of pairs of true and false ones apart, and after it
    0.62.

    Returns:
        The prompt; it ends where the source goes.
    """
    examples = [(f"Source:{stated(said, given)}", reply) for given, said, reply in _CHECK_EXAMPLES]
    return Prompt(_fixed(_CHECK_RULE, examples), ("Source:",), probe="check")


def stated(claim: str, source: str) -> str:
    """A claim and the source to check it against, as they follow `check_prompt`."""
    return f" {source}\nStatement: {claim}"


def fingerprint() -> str:
    """What tells whether the prompts are still those that the probes of qa/probe.py were fitted to."""
    return hashlib.sha256(repr((answer_prompt("", ""), check_prompt(), stated("", ""))).encode()).hexdigest()


def rewrite_prompt(history: Sequence[tuple[str, str]], question: str) -> Prompt:
    """Ask for a follow-up as a whole question.

    Args:
        history: Earlier questions and the texts of their answers, oldest first.
        question: The follow-up.

    Returns:
        The prompt.
    """
    turns = "".join(f"Q: {asked}\nA: {answered}\n" for asked, answered in history)
    return Prompt(_fixed(_REWRITE_RULE, _REWRITE_EXAMPLES), (f"{turns}Last question: {question}",))


def one_of_each(*, probed: bool) -> tuple[Prompt, ...]:
    """A prompt of every kind that a model is given, to read their instructions ahead of the first question.

    Args:
        probed: A probe tells whether sentences answer, so that the model is not asked for a yes or a no.

    Returns:
        The prompts, in the order in which an answer needs them.
    """
    judging = (answer_prompt("", ""),) if probed else (judge_prompt(""), answer_prompt("", ""))
    return (*judging, check_prompt(), rewrite_prompt((), ""))


def _fixed(rule: str, examples: Sequence[tuple[str, str]]) -> tuple[Message, ...]:
    turns = [m for said, reply in examples for m in (Message("user", said), Message("assistant", reply))]
    return (Message("system", rule), *turns)
