"""The press: typesets a layout with data into a PDF that is the same, byte for byte, whenever it is set again.

Layouts get their data as JSON, never as markup, so nothing in a name or a text can become a command. The output is
PDF/A-2a and PDF/UA-1: it can be archived, and be read aloud. A standard of that strictness also refuses a character
that the font lacks, where a plain PDF would show an empty box instead of somebody's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from notifiers.errors import GlyphError, PaperError

if TYPE_CHECKING:
    import typst

LAYOUTS: Final = Path(__file__).parent / "layouts"
STANDARDS: Final = ("a-2a", "ua-1")
#: The distribution that carries Noto Sans SC. Its module is never imported: it wants a plotting library.
_FONT_WHEEL: Final = "zhplot"
_ENDINGS: Final = frozenset({".ttf", ".otf", ".ttc"})
_NO_GLYPH: Final = "could not be displayed with font"


def find_fonts(setting: Path | None) -> list[Path]:
    """Return the font files: those of the setting (a file or a folder), else of the font wheel; raises PaperError."""
    if setting is not None:
        candidates = sorted(setting.rglob("*")) if setting.is_dir() else [setting]
        found = [path for path in candidates if path.suffix.lower() in _ENDINGS and path.is_file()]
        if not found:
            raise PaperError(f"{setting}: holds no font file (.ttf, .otf, .ttc); name a font with Chinese characters")
        return found
    try:
        packaged = [Path(str(f.locate())) for f in files(_FONT_WHEEL) or () if f.suffix in _ENDINGS]
    except PackageNotFoundError:
        packaged = []
    if not any(path.is_file() for path in packaged):
        raise PaperError(
            "no font with Chinese characters is installed, so letters cannot be printed; install it with "
            f"`pip install --no-deps {_FONT_WHEEL}`, or set the font path to a .ttf or .otf file"
        )
    return packaged


class Press:
    """Keeps fonts and layouts loaded; setting one letter takes about ten milliseconds."""

    def __init__(self, *, font: Path | None = None) -> None:
        """Load the typesetter and the fonts; raises PaperError."""
        try:
            # A wheel of 34 MB that only letters need; the extra `documents` brings it.
            import typst
        except ImportError as error:
            raise PaperError("letters need the typesetter; install the extra `documents`") from error
        self._typst = typst
        self._load(find_fonts(font))
        self._compilers: dict[str, typst.Compiler] = {}

    def _load(self, paths: list[Path]) -> None:
        """Read the folders of the font files, and choose the families of just these files."""
        folders = sorted({path.parent for path in paths})
        self._fonts = self._typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
        chosen = {path.resolve() for path in paths}
        read = (f.family for f in self._fonts.fonts() if f.path is not None and Path(f.path).resolve() in chosen)
        self._families = list(dict.fromkeys(read))
        if not self._families:
            raise PaperError(f"{paths[0]}: cannot be read as a font; name a font with Chinese characters")

    def set(self, *, layout: str, data: Mapping[str, Any], day: date) -> bytes:
        """Return the PDF of a layout, dated `day`; raises GlyphError or PaperError, also for a mere warning."""
        stamp = datetime.combine(day, time(), tzinfo=UTC)
        given = orjson.dumps({**data, "fonts": self._families}).decode()
        try:
            pdf, warnings = self._compiler(layout).compile_with_warnings(
                format="pdf", sys_inputs={"data": given}, pdf_standards=list(STANDARDS), timestamp=stamp
            )
        except self._typst.TypstError as error:
            if _NO_GLYPH in error.message:
                raise GlyphError("the font lacks a character of this letter; add a font that has it") from None
            raise PaperError(f"layout {layout}: {error.message}") from None
        if warnings:
            raise PaperError(
                f"layout {layout}: {warnings[0].message}; a letter is printed without any warning or not at all"
            )
        assert isinstance(pdf, bytes)
        return pdf

    def _compiler(self, layout: str) -> typst.Compiler:
        if layout not in self._compilers:
            self._compilers[layout] = self._typst.Compiler(
                LAYOUTS / f"{layout}.typ", root=LAYOUTS, font_paths=self._fonts, ignore_system_fonts=True
            )
        return self._compilers[layout]
