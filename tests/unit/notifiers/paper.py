"""Reads PDFs as far as the tests need it: every stream unpacked, so that fonts and characters can be found."""

import re
import zlib


def unpacked(pdf: bytes) -> bytes:
    """The bytes of a PDF followed by those of its unpacked streams."""
    parts = [pdf]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(match[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def characters(pdf: bytes) -> set[str]:
    """The characters that can be read from a PDF: its fonts' maps from glyphs to Unicode."""
    maps = re.findall(rb"beginbf(?:char|range)(.*?)endbf(?:char|range)", unpacked(pdf), re.DOTALL)
    codes = (code for found in maps for code in re.findall(rb"<[0-9A-Fa-f]+>\s*<((?:[0-9A-Fa-f]{4})+)>", found))
    # One glyph may stand for several characters (a ligature).
    return {character for code in codes for character in bytes.fromhex(code.decode()).decode("utf-16-be")}


def pages(pdf: bytes) -> int:
    """The number of pages."""
    return len(re.findall(rb"/Type\s*/Page\b", unpacked(pdf)))
