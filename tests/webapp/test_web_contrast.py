"""The colour tokens are readable; a checker in the browser cannot judge text on drawings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "webapp" / "static"
CSS = (STATIC / "app.css").read_text(encoding="utf-8")
STYLES = "".join(path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css")))
TEXT, MARK = 4.5, 3.0


def tokens(selector: str) -> dict[str, str]:
    block = CSS[CSS.index(selector + " {") :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


THEMES = {
    "standard": tokens("  :root"),
    "contrast": tokens("  :root") | tokens('  :root[data-theme="contrast"]'),
}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    ("ink", "page", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "sunken", TEXT),
    ("ink", "mark", TEXT),
    ("ink-2", "page", TEXT),
    ("ink-2", "surface", TEXT),
    ("ink-2", "sunken", TEXT),
    ("brand", "surface", TEXT),
    ("brand", "page", TEXT),
    ("brand", "info-bg", TEXT),
    ("brand", "sunken", TEXT),
    ("on-brand", "brand", TEXT),
    ("accent", "surface", TEXT),
    *((tone, f"{tone}-bg", TEXT) for tone in ("good", "warn", "poor", "info", "quiet")),
    ("warn", "surface", TEXT),
    ("poor", "surface", TEXT),
    *(("on-tint-light", f"tint-{n}", TEXT) for n in range(4)),
    *(("on-tint-dark", f"tint-{n}", TEXT) for n in (4, 5)),
    ("field", "surface", MARK),
    ("halo", "surface", MARK),
    ("focus", "halo", 1.5),
    ("good", "surface", MARK),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(theme: str, front: str, back: str, least: float) -> None:
    colours = THEMES[theme]
    assert ratio(colours[front], colours[back]) >= least


def test_white_on_the_deep_header() -> None:
    for colour in ("#ffffff", "#c8d9ee"):
        assert ratio(colour, THEMES["standard"]["brand-deep"]) >= TEXT
    assert ratio("#ffffff", THEMES["standard"]["brand"]) >= TEXT


def test_layers_are_declared_in_order() -> None:
    assert CSS.startswith("@layer tokens, base, layout, components, utilities;")
    assert re.findall(r"^@layer (\w+) \{", CSS, re.MULTILINE) == [
        "tokens",
        "base",
        "layout",
        "components",
        "utilities",
    ]


def test_every_class_of_the_templates_has_a_rule_or_a_reason() -> None:
    templates = Path(__file__).resolve().parents[2] / "webapp" / "templates"
    used = set()
    for path in templates.rglob("*.html"):
        for value in re.findall(r'class="([^"{]*)', path.read_text(encoding="utf-8")):
            used |= {name for name in value.split() if not name.endswith("-")}
    plain = {"facts-card", "candidate", "foot", "found", "toc", "years", "empty", "detail-other"}
    assert {name for name in used if f".{name}" not in STYLES} <= plain
