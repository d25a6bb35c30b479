"""What the panels add to the page.

A panel is a folder. Its markup for an area of the page is named after that area: `list/person.html`
goes into the area `person`. Nothing keeps a list of the panels; their folders are the list.
"""

from collections.abc import Iterable
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
PANELS = STATIC / "js" / "panels"

# The page's own styles, each of which may differ from those before it.
FIRST_STYLES = (
    "vendor/uPlot-1.6.32.min.css",
    *("css/tokens.css", "css/page.css", "css/areas.css", "css/stage.css"),
)


def parts(area: str, panels: Path = PANELS) -> list[str]:
    """Return the templates for an area, in the order of the panels' names."""
    return _names(panels.glob(f"*/{area}.html"), panels)


def styles() -> list[str]:
    """Return the page's style sheets in their order. No two of the panels' style the same thing."""
    return [*FIRST_STYLES, *_names(PANELS.glob("*/*.css"), STATIC)]


def vendored() -> list[str]:
    """Return the modules of others, so that a browser can load them all at once."""
    return _names(STATIC.glob("vendor/*.js"), STATIC)


def _names(files: Iterable[Path], folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in files)
