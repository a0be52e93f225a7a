"""Chat templates: what a model is given before, between and after the messages of a chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_MARK = "\ue000"  # a private-use character: stands for a message's text while the template is rendered


def split_template(template: str | None, roles: Sequence[str], *, begin_mark: str) -> list[str]:
    """Render a chat template around placeholders.

    Args:
        template: Jinja; None for a model without one, whose roles are spelled out.
        roles: The messages' roles, in order.
        begin_mark: The token a text starts with, spelled out.

    Returns:
        One piece more than there are messages: what stands before, between and after their texts.
    """
    if template is None:
        first, *others = [*roles, "assistant"]
        return [f"{begin_mark}{first.title()}: ", *(f"\n\n{role.title()}: " for role in others)]
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter  # noqa: PLC0415

    formatter = Jinja2ChatFormatter(template=template, eos_token="", bos_token=begin_mark, add_generation_prompt=True)
    messages: Any = [{"role": role, "content": _MARK} for role in roles]  # the library wants a union of TypedDicts
    return str(formatter(messages=messages).prompt).split(_MARK)
