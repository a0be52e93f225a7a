"""Question and sentences -> messages: every word the language model is told stands here (pure).

Each prompt is a fixed beginning of instructions and worked examples, read once and kept, and one last message. The
examples are made up; none is about anything in the articles that come with citewell.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.generate import Message

_JUDGE_RULE = "Does the sentence state the answer to the question? Reply Yes or No."
_JUDGE_EXAMPLES = (
    ("When did the bridge open?", "The bridge, which cost 40 million euros, was opened to traffic in May 1998.", "Yes"),
    ("How many people did the flood kill?", "The flood destroyed more than 300 houses along the river.", "No"),
    ("Why did the minister resign?", "The minister, Anna Berg, resigned on Monday.", "No"),
    ("who runs the museum", "Since 2011 the museum has been directed by Paul Okafor.", "Yes"),
    ("What did the company say about the strike?", "Workers have been on strike since the first week of June.", "No"),
    (
        "Is the vaccine safe for children?",
        "Researchers found no serious side effects in the 2,000 children who received it.",
        "Yes",
    ),
    ("In which year did Peru leave the treaty?", "Peru, Chile and Ecuador are members of the treaty.", "No"),
    ("What does the mayor want to build?", "She called for a new tram line, saying the buses were full.", "Yes"),
)

_WRITE_RULE = (
    "Answer the question in one short sentence of your own, using only what the source says. "
    "Keep its numbers, names and dates as they are."
)
_WRITE_EXAMPLES = (
    (
        "When did the bridge open?",
        "The bridge, which cost 40 million euros and took six years to build, was opened to traffic in May 1998.",
        "The bridge opened in May 1998.",
    ),
    (
        "Is the vaccine safe for children?",
        "Researchers said they had found no serious side effects in the 2,000 children who received it.",
        "Yes, researchers found no serious side effects in the 2,000 children who received it.",
    ),
    (
        "what does the mayor want to build",
        "She called for a new tram line to the harbour, saying the buses were full, and urged the council to pay for it.",
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
    ("About 40 percent of the harvest was lost to the drought.", "The drought destroyed 40 percent of the harvest.", "Yes"),
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


def judge_messages(question: str) -> list[Message]:
    """Ask whether a sentence answers a question; the sentence itself is appended to the last message.

    Args:
        question: What the user asks.

    Returns:
        The prompt; its last message ends where the sentence goes.
    """
    examples = [(f"Question: {q}\nSentence: {sentence}", reply) for q, sentence, reply in _JUDGE_EXAMPLES]
    return _prompt(_JUDGE_RULE, examples, f"Question: {question}\nSentence: ")


def write_messages(question: str, source: str) -> list[Message]:
    """Ask for the answer that a source gives, as one sentence.

    Args:
        question: What the user asks.
        source: The sentence or sentences to answer from.

    Returns:
        The prompt.
    """
    examples = [(f"Source: {given}\nQuestion: {q}", answer) for q, given, answer in _WRITE_EXAMPLES]
    return _prompt(_WRITE_RULE, examples, f"Source: {source}\nQuestion: {question}")


def check_messages(claim: str) -> list[Message]:
    """Ask whether a source says a claim; the source itself is appended to the last message.

    Args:
        claim: The statement to check.

    Returns:
        The prompt; its last message ends where the source goes.
    """
    examples = [(f"Statement: {said}\nSource: {given}", reply) for given, said, reply in _CHECK_EXAMPLES]
    return _prompt(_CHECK_RULE, examples, f"Statement: {claim}\nSource: ")


def rewrite_messages(history: Sequence[tuple[str, str]], question: str) -> list[Message]:
    """Ask for a follow-up as a whole question.

    Args:
        history: Earlier questions and the texts of their answers, oldest first.
        question: The follow-up.

    Returns:
        The prompt.
    """
    turns = "".join(f"Q: {asked}\nA: {answered}\n" for asked, answered in history)
    return _prompt(_REWRITE_RULE, _REWRITE_EXAMPLES, f"{turns}Last question: {question}")


def _prompt(rule: str, examples: Sequence[tuple[str, str]], last: str) -> list[Message]:
    turns = [m for said, reply in examples for m in (Message("user", said), Message("assistant", reply))]
    return [Message("system", rule), *turns, Message("user", last)]
