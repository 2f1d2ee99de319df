"""Network addresses, masked where a workspace asks for it: IPv4, IPv6 and host names made of one; no versions."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

MASKED_IP = "[IP]"
_FOUR = re.compile(
    r"""(?<![\w.+-])(?<![A-Za-z]/)(?<!==)(?P<ip>\d{1,3}(?:\.\d{1,3}){3})(?![\w+]|\.\d|-[A-Za-z])
      | \bip-(?P<dashed>\d{1,3}(?:-\d{1,3}){3})(?![\w-])""",
    re.VERBOSE,
)
_VERSION = re.compile(
    r"\b(?:v|ver|version|release|build|upgraded?|downgraded?)\W{0,3}(?:\s?(?:to|from|is|was))?\s?$", re.I
)
_BEFORE = 24  # characters before an address that tell whether it is a version
_SIX = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)")


def without_ips(text: str) -> str:
    """The text with network addresses masked; what means the machine itself (127.0.0.1, 0.0.0.0, ::1) stays.

    >>> without_ips("10.0.3.7:8080 and fe80::1 run 1.2.3 since 14:02:30")
    '[IP]:8080 and [IP] run 1.2.3 since 14:02:30'
    """
    if text.count(":") > 1:
        text = _SIX.sub(_six, text)  # first: an address of the one kind may end in one of the other
    return _FOUR.sub(_four, text) if "." in text or "ip-" in text else text


def _four(hit: re.Match[str]) -> str:
    if dashed := hit["dashed"]:
        return f"ip-{MASKED_IP}" if _is_four(dashed.replace("-", ".")) else hit[0]
    before = hit.string[max(0, hit.start() - _BEFORE) : hit.start()]
    return MASKED_IP if _is_four(hit[0]) and not _VERSION.search(before) else hit[0]


def _is_four(written: str) -> bool:
    try:
        address = IPv4Address(written)
    except AddressValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _six(hit: re.Match[str]) -> str:
    try:
        address = IPv6Address(hit[0])
    except AddressValueError:
        return hit[0]
    # `a::b` is how some languages write a name.
    own = address.is_loopback or address.is_unspecified or not any(c.isdigit() for c in hit[0])
    return hit[0] if own else MASKED_IP
