"""What a policy says about customers: which tools they can see, and what the notices to them should hold."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from podanalytics.policy.parts import Written
from podanalytics.policy.patterns import Names, Regex, with_group

# What can be put into a notice from the record, beside the fields of the internal update.
FACTS = ("title", "affected", "since", "resolved", "lasted", "next_update", "report_by")
PLACE = re.compile(r"\{([^{}]*)\}")


def placeholders(text: str) -> Names:
    """The names in braces of a template, each once, in order.

    >>> placeholders("{title}: since {since}, {title}")
    ('title', 'since')
    """
    return tuple(dict.fromkeys(PLACE.findall(text)))


def _template(text: str) -> str:
    if re.search(r"[{}]", PLACE.sub("", text)):
        raise ValueError("a template's braces stand in pairs around the name of a field, such as {title}")
    if not placeholders(text):
        raise ValueError(f"a template has a field in braces, such as {{title}}; known: {', '.join(FACTS)}")
    return text


class Public(Written):
    """What customers can see: the posts, titles and components of these `sources`, and nothing of any other tool.

    `action` is how the title of an action item says that it may be published; its first group is what is.
    """

    sources: Names = ()
    action: Annotated[Regex, AfterValidator(lambda p: with_group(p, "what of the title is published"))] | None = None


class Notice(Written):
    """A notice to customers as the workflow's template has it.

    `clause` is the promise that says when it is due and which milestone it is. `text` names facts and fields of the
    internal update in braces. `told` says by which words one of them is recognised in what was really sent.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    clause: str
    text: Annotated[str, AfterValidator(_template)]
    told: dict[str, Regex] = Field(default={})
