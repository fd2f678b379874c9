"""Makes the fonts of PDFs from the committed web fonts: one file a weight, with all letters of our languages.

Called by tools/assets.sh. The web has a variable font in two parts, of which a browser fetches what a page needs; a
PDF embeds what it uses of a font with one weight.
"""

import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent / "service"
WEB = ROOT / "static" / "vendor" / "fonts"
OUT = ROOT / "templates" / "pdf" / "fonts"
FAMILY = "Schibsted Grotesk"
WEIGHTS = {400: "Regular", 600: "SemiBold"}
# Name ids of the OpenType `name` table: family, style, unique, full, PostScript, typographic family and style.
KEPT = {0, 5, 13, 14}


def main() -> None:
    """Writes one file for each weight."""
    OUT.mkdir(parents=True, exist_ok=True)
    for weight, style in WEIGHTS.items():
        with tempfile.TemporaryDirectory() as folder:
            parts = [_part(subset, weight, Path(folder)) for subset in ("latin", "latin-ext")]
            font = Merger().merge(parts)
        _name(font, style)
        font["OS/2"].usWeightClass = weight
        # A rebuild changes nothing.
        font.recalcTimestamp = False
        font["head"].created = font["head"].modified = 0
        font.save(OUT / f"SchibstedGrotesk-{style}.ttf")


def _part(subset: str, weight: int, folder: Path) -> str:
    font = TTFont(WEB / f"schibsted-grotesk-{subset}-wght-normal.woff2", recalcTimestamp=False)
    font.flavor = None
    instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
    path = folder / f"{subset}.ttf"
    font.save(path)
    return str(path)


def _name(font: TTFont, style: str) -> None:
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in KEPT]
    whole = f"{FAMILY.replace(' ', '')}-{style}"
    named = {
        1: FAMILY if style == "Regular" else f"{FAMILY} {style}",
        2: "Regular",
        3: whole,
        4: f"{FAMILY} {style}",
        6: whole,
    }
    if style != "Regular":
        named |= {16: FAMILY, 17: style}
    for identity, text in named.items():
        table.setName(text, identity, 3, 1, 0x409)


if __name__ == "__main__":
    main()
