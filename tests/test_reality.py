"""Whether it is so at all: what did not happen, or only might, told as what did. Doubt may reject."""

from __future__ import annotations

import pytest

from qa.reality import unreal

SUMMIT = "Ana Roe did not attend the summit in May, has not yet paid, and refused to speak."


@pytest.mark.parametrize(
    ("claim", "source", "problem"),
    [
        ("Ana Roe attended the summit in May.", SUMMIT, "not attend"),
        ("Ana Roe has paid.", SUMMIT, "not yet paid"),
        ("Ana Roe spoke at the summit.", SUMMIT, None),  # an irregular form is not seen
        ("Ana Roe did not attend the summit.", SUMMIT, None),
        ("Ana Roe refused to attend.", SUMMIT, None),
        ("The line opened in May.", "The line did not open until May.", None),
        ("Ana Roe attended.", "Bo Li did not attend; Ana Roe attended.", None),
        ("The line was closed.", "The line was not only closed but sold.", None),
        ("The line was not sold.", "The line was sold despite protests.", "not sold"),
        ("The line was not sold.", "The council declined to sell the line.", None),
        ("The line was not sold.", "The line was never sold.", None),
        ("The line was not red.", "The line was sold.", None),  # another word: for the locks and the model
        ("The mayor resigned after the report.", "The mayor threatened to resign after it.", "threatened to resign"),
        ("The mayor is reported to have resigned.", "The mayor is reported to have resigned.", None),
        ("The mayor resigned.", "The mayor is believed to have resigned.", "believed to have resigned"),
        ("The driver killed a man.", "The driver is accused of killing a man.", "accused of killing"),
        ("The driver is accused of killing a man.", "The driver is accused of killing a man.", None),
        ("The driver killed a man.", "The driver was convicted of killing a man.", None),
        ("The man allegedly stole it.", "The man is alleged to have stolen it.", None),
        ("The launch is planned for May.", "The city plans to launch it in May.", None),
        ("The mayor resigned, according to reports.", "The mayor is reported to have resigned.", None),
        ("He was charged in May.", "In May he was charged with murder.", None),
        ("Police were told of the theft.", "The theft was reported to police.", None),
        ("Teachers and pupils came.", "Not just teachers but pupils came.", None),
        ("The firm did not comment.", "The firm declined on Tuesday to comment.", None),
        ("The firm unveiled no plans, and did not pay.", "The firm unveiled plans to pay.", "not pay"),
        ("", SUMMIT, None),
        ("Ana Roe attended.", "", None),
    ],
)  # fmt: skip
def test_what_is_not_so(claim: str, source: str, problem: str | None) -> None:
    found = unreal(claim, source)
    assert (problem in found) if problem and found else (found is problem)
