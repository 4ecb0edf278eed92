"""What every page carries: its template, its title, where it stands in the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the path to a page; the last step has no address."""

    label: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Title, description and path of a page; ``section`` is the menu entry it belongs to."""

    title: str
    description: str
    crumbs: tuple[Crumb, ...] = ()
    section: str = ""
    published: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Context:
    """Everything one template is given; each page has a subclass naming its template."""

    template: ClassVar[str]
    head: Head
