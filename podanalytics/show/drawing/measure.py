"""How wide a text will be: advance widths of Source Sans Pro, the font that the printed forms bring along."""

from __future__ import annotations

import unicodedata

# Read once from the hmtx and cmap tables of SourceSansPro-Regular.ttf (package font-source-sans-pro), per 1000 em.
_BY_WIDTH = {
    200: " ", 202: "\xa0", 241: "|¦", 246: "iìíîï", 247: "j", 249: "',.:;·‘’", 255: "l", 263: "IÌÍÎÏ", 289: "!¡",
    292: "f", 303: "()[]{}", 304: "•", 311: "-\xad", 331: "°", 338: "t", 345: "ª", 347: "r", 350: "/\\", 365: "º",
    367: "²³¹", 418: "*", 419: "s", 423: "®", 425: '"?z¿“”', 429: "«»", 446: "x", 456: "cç", 467: "vyýÿ", 476: "YÝ",
    480: "J–", 486: "L", 494: "F", 495: "k", 496: "eèéêë", 497: "#$+0123456789<=>^~¢£¤¥§¬±×÷≥≤≠−", 500: "_",
    504: "agàáâãäå", 513: "X", 515: "V", 527: "EÈÉÊË", 534: "S", 536: "T", 539: "Z", 542: "`o¨¯´¸òóôõöø",
    544: "AhuÀÁÂÃÄÅùúûü", 545: "ð", 547: "nñ", 553: "b", 555: "dpqþ", 560: "¶", 562: "µ", 566: "P", 569: "R",
    571: "CÇ", 576: "ß", 579: "K", 583: "Þ", 588: "B", 609: "&", 612: "✓", 615: "D", 617: "G", 619: "→←↑↓", 638: "Ð",
    645: "UÙÚÛÜ", 647: "NÑ", 652: "H", 664: "OQÒÓÔÕÖØ", 718: "w", 727: "M", 744: "©", 781: "¼", 782: "∞", 785: "æ",
    786: "W", 796: "¾", 800: "—", 808: "½", 822: "Æ", 824: "%", 829: "m", 847: "@", 895: "▲▼◆■", 948: "…",
}  # fmt: skip
_WIDTHS = {char: width for width, chars in _BY_WIDTH.items() for char in chars}
_ELSE, _WIDE = 600, 1000  # a letter of another script; one of the wide ones, and pictures

BOLD = 1.065  # letters and digits of SourceSansPro-Bold, on average, against the regular ones
# A browser without the font takes Arial or its like, whose letters are a tenth wider: what is said to fit must fit
# there too.
OTHER_FONT = 1.1


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line in pixels at a font size, at most.

    >>> round(text_width("14:00", 10), 2)
    24.61
    """
    units = sum(_WIDTHS.get(char) or _unlisted(char) for char in text)
    return units / 1000 * size * OTHER_FONT * (BOLD if bold else 1.0)


def _unlisted(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in "WF" else _ELSE


def shortened(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, cut short with an ellipsis where it is wider than the room."""
    if text_width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(f"{text[:middle].rstrip()}…", size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return f"{text[:low].rstrip()}…"
