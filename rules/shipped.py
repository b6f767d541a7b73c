"""The trigger documents that come with the product."""

from __future__ import annotations

from importlib import resources


def shipped() -> dict[str, str]:
    """Return the text of every shipped trigger document by its file name, sorted."""
    folder = resources.files("rules") / "catalogue"
    if not folder.is_dir():
        return {}
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in files}
