"""Where a change was made: a service, and the environment in which it runs.

Events carry both in one subject, `acme/pod-api (production)`. A change without an environment made a version (a tag, a
release, an image) and does not say that it ran anywhere.
"""

from __future__ import annotations

import re

_ENVIRONMENT = re.compile(r"^(?P<service>.+) \((?P<environment>[^()]+)\)$")
_OUTCOME = "/status/"


def place(service: str, environment: str = "") -> str:
    """The subject of a change.

    >>> place("acme/pod-api", "production"), place("acme/pod-api")
    ('acme/pod-api (production)', 'acme/pod-api')
    """
    plain = environment.strip().replace("(", "[").replace(")", "]")
    return f"{service} ({plain})" if plain else service


def environment_of(subject: str) -> str:
    """The environment that a subject names; empty where it names none."""
    found = _ENVIRONMENT.match(subject)
    return found["environment"] if found else ""


def service_of(subject: str) -> str:
    """What a service is called whichever tool tells of it: the last part of its name, in lower case.

    >>> service_of("acme/Pod-API (production)"), service_of("registry.example:5000/acme/pod-api"), service_of("pod-api")
    ('pod-api', 'pod-api', 'pod-api')
    """
    found = _ENVIRONMENT.match(subject)
    return (found["service"] if found else subject).rstrip("/").rpartition("/")[2].lower()


def outcome_key(change: str, word: str) -> str:
    """The key of an event that tells what became of a change: its own key, and the word.

    >>> outcome_key("deployment/7", "failure")
    'deployment/7/status/failure'
    """
    return f"{change}{_OUTCOME}{word}"


def change_of(key: str) -> str:
    """The key of the change that an outcome is of; empty for a key of anything else.

    >>> change_of("deployment/7/status/failure"), change_of("issue/7")
    ('deployment/7', '')
    """
    return key.rpartition(_OUTCOME)[0]
