"""The nine-city schematic: where each tile stands and how strongly it is tinted."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from marketplace import CityFigures

_SIDE = 100
_TINTS = 5
_PLACES = {
    "天门": (0, 1), "孝感": (0, 2), "黄冈": (0, 3),
    "潜江": (1, 0), "仙桃": (1, 1), "武汉": (1, 2), "鄂州": (1, 3),
    "咸宁": (2, 2), "黄石": (2, 3),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """One city as a square of the schematic, linked to its opportunities."""

    city: str
    x: int
    y: int
    tint: int
    opportunities: int
    capabilities: int
    url: str


def present_tiles(cities: tuple[CityFigures, ...]) -> tuple[Tile, ...]:
    """A tile for each city that has a place on the schematic, row by row."""
    placed = [(city, _PLACES[_short(city.city)]) for city in cities if _short(city.city) in _PLACES]
    most = max((city.opportunities for city, _ in placed), default=0) or 1
    return tuple(
        Tile(
            city=_short(city.city),
            x=column * _SIDE,
            y=row * _SIDE,
            tint=-(-_TINTS * city.opportunities // most),
            opportunities=city.opportunities,
            capabilities=city.capabilities,
            url=url_for("opportunities.index", region=city.city),
        )
        for city, (row, column) in sorted(placed, key=lambda item: item[1])
    )


def _short(city: str) -> str:
    return city.removesuffix("市")
