"""Long parts of a page, packed: gzip in base64, unpacked by the page's script (`packet.js`)."""

from __future__ import annotations

import base64
import zlib

GZIP = 31  # zlib's sign for a gzip member: no time in it, and the same header from every Python, unlike gzip.compress


def packed(text: str) -> str:
    """The text as gzip in base64: the same bytes on every machine, and nothing in it that HTML could read.

    >>> import gzip
    >>> gzip.decompress(base64.b64decode(packed("rows"))).decode()
    'rows'
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()
