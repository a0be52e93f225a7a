"""ReportDict -> report.json, report.md and report.html in a folder."""

from __future__ import annotations

import json
from pathlib import Path

from index.errors import SettingsError
from qa.report import ReportDict
from qa.report_html import render_html
from qa.report_text import render_markdown


def write_report(report: ReportDict, folder: Path) -> Path:
    """Write the three files, replacing what an earlier run left.

    Args:
        report: What was measured.
        folder: Made if need be.

    Returns:
        The path of report.html.

    Raises:
        SettingsError: The folder cannot be written.
    """
    page = folder / "report.html"
    texts = {
        folder / "report.json": json.dumps(report, ensure_ascii=False, indent=1) + "\n",
        folder / "report.md": render_markdown(report),
        page: render_html(report),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{folder}: the report cannot be written there: {error}") from error
    return page
