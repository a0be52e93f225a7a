"""What people write about an article: front matter at the head of a Markdown file, and sidecar files beside any file.

Both are read with YAML's plain rules: names and words, no types, so a date stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from index.formats.draft import Unreadable

SIDECARS = (".meta.json", ".meta.yaml", ".meta.yml")
MAX_SIDECAR_BYTES = 65_536
_FRONT = re.compile(r"\A(?:\s*\n)?---[ \t]*\n(?P<body>.{0,8000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def front_matter(text: str) -> tuple[Mapping[str, object], int]:
    """Read a Markdown file's front matter: lines of `name: value` between two lines of three dashes.

    Args:
        text: The whole file.

    Returns:
        Its fields, and where the text after it begins; nothing and 0 where there is none.
    """
    found = _FRONT.match(text)
    if found is None:
        return {}, 0
    try:
        fields = parse_fields(found["body"])
    except Unreadable:
        return {}, 0  # two rulers with prose between them are no front matter
    return fields, found.end() if fields else 0


def parse_fields(text: str) -> Mapping[str, object]:
    """Read a sidecar, JSON or YAML: JSON is YAML.

    Args:
        text: The file.

    Returns:
        Its fields; every value is words, a list, or fields again.

    Raises:
        Unreadable: It is neither, or no fields.
    """
    import yaml  # noqa: PLC0415 - only some articles need it

    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes str, list and dict alone
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}: " if where else ""
        raise Unreadable(
            f"{line}is no list of 'name: value' ({getattr(error, 'problem', None) or 'damaged'})"
        ) from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise Unreadable("holds no fields; write lines such as 'publisher: The Herald'")
    return found
