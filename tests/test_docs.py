"""Holds the documents against the code: commands, settings, targets, links, glossary, counted data."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from statistics import median

import pytest

import marketplace.cli
import matching.cli
import matching.settings
from marketplace.states import STATES
from matching import Band, VerdictKind
from matching.evaluation.report import BAND_NAMES
from webapp.presenters import labels
from webapp.settings import OTHERS, PREFIX, WebSettings

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
CARDS = sorted(path for path in (ROOT / "data").rglob("*.md") if "local" not in path.relative_to(ROOT / "data").parts)
ALL = [README, ROOT / "CHANGELOG.md", *DOCS, *CARDS]
SETTINGS = sorted({PREFIX + name.upper() for name in WebSettings.model_fields} | {PREFIX + name for name in OTHERS})
GLOSSARY, RESERVED = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("## Reserved", 1)
LIMITS = re.compile("不含|仅|暂不|不支持|不提供|需另")


def read(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def subcommands(parser: argparse.ArgumentParser) -> list[str]:
    actions = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return [name for action in actions for name in action.choices]


def make_targets() -> list[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.findall(r"^([a-z][a-z-]*):.*##", makefile, re.MULTILINE)


def links(path: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", read(path), flags=re.DOTALL)
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def glossary_rows() -> list[tuple[str, list[str]]]:
    cells = (line.strip("|").split("|") for line in GLOSSARY.splitlines() if line.startswith("|"))
    return [(row[0].strip(), re.findall(r"`(\w+)`", row[1])) for row in cells if "`" in row[1]]


@pytest.mark.parametrize("module", [matching.cli, marketplace.cli], ids=["matching", "marketplace"])
def test_every_command_is_in_the_readme(module):
    text = read(README)
    assert f"-m {module.__name__.split('.')[0]}" in text
    missing = [name for name in subcommands(module.build_parser()) if not re.search(rf"`{name}[ `]", text)]
    assert not missing


@pytest.mark.parametrize("path", [README, ROOT / "docs" / "operations.md"], ids=["readme", "operations"])
def test_every_setting_is_in_both_tables(path):
    assert [name for name in SETTINGS if f"`{name}`" not in read(path)] == []


def test_the_documents_name_no_setting_that_does_not_exist():
    named = set(re.findall(rf"{PREFIX}[A-Z_]+\b", read(*ALL))) - {PREFIX}
    assert named - set(SETTINGS) == set()


def test_the_web_knows_every_setting_of_the_packages_below():
    assert set(matching.settings.KNOWN) <= OTHERS


def test_every_make_target_is_in_the_readme_and_no_other_is():
    targets = set(make_targets())
    assert targets
    assert {target for target in targets if f"make {target}" not in read(README)} == set()
    named = set(re.findall(r"`make ([a-z]+)", read(*ALL)))
    assert named - targets == set()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    broken = []
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_glossary_identifiers_exist_in_the_code():
    sources = [path for package in ("matching", "marketplace", "webapp") for path in (ROOT / package).rglob("*.py")]
    words = set(re.findall(r"\w+", read(*sources)))
    rows = glossary_rows()
    assert len(rows) > 60
    assert [name for _, names in rows for name in names if name not in words] == []


def test_reserved_words_carry_no_identifier():
    assert "`" not in RESERVED


def test_every_label_of_the_code_is_in_the_glossary():
    terms = {(term, name) for term, names in glossary_rows() for name in names}
    tables = (labels.BANDS, labels.VERDICTS, labels.GATES, labels.CANDIDATES)
    shown = {(label.word, str(key)) for table in tables for key, label in table.items()}
    shown |= {(word, code) for code, word in (STATES | labels.PUBLISHERS).items()}
    shown |= {(word, str(band)) for band, word in BAND_NAMES.items()}
    assert shown - terms == set()


def test_bands_and_verdicts_are_all_labelled():
    assert set(labels.BANDS) == set(Band) == set(BAND_NAMES)
    assert set(labels.VERDICTS) == set(VerdictKind)


def test_the_version_has_a_changelog_entry():
    version = re.search(r"^version = (.+)$", read(ROOT / "setup.cfg"), re.MULTILINE)
    assert version
    assert f"## {version[1]}" in read(ROOT / "CHANGELOG.md")


def test_every_data_file_is_listed_with_its_rows():
    listed = dict(re.findall(r"^\| `(data/[^`]+)` \| (\d+) \|", read(ROOT / "docs" / "data.md"), re.MULTILINE))
    counted = {}
    for path in sorted((ROOT / "data").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in (".jsonl", ".tsv", ".txt") and not name.startswith("data/local/"):
            rows = sum(bool(line.strip()) for line in read(path).split("\n"))
            counted[name] = str(rows - (path.suffix == ".tsv"))
    assert listed == counted


def test_the_training_card_tells_the_figures_of_the_files():
    files = sorted((ROOT / "data" / "training").glob("*.jsonl"))
    groups = [json.loads(line) for path in files for line in read(path).split("\n") if line]
    texts = {
        kind: [offer["summary"] + "".join(offer["features"]) for group in groups for offer in group[kind]]
        for kind in ("fits", "traps", "partial")
    }
    lengths = " / ".join(f"{median(map(len, texts[kind])):.0f}" for kind in texts)
    limited = {kind: f"{100 * sum(bool(LIMITS.search(t)) for t in of) / len(of):.0f} %" for kind, of in texts.items()}
    titles = [offer["title"] for group in groups for offer in group["fits"]]
    coined = f"{100 * sum(bool(re.search('[：:·—]', title)) for title in titles) / len(titles):.0f} %"
    card = read(ROOT / "data" / "training" / "CARD.md")
    assert f"{len(groups)} groups in six files" in card
    assert f"median {lengths} characters" in card
    assert (
        f"{limited['partial']} of the partials, {limited['fits']} of the fits and {limited['traps']} of the traps"
        in card
    )
    assert f"{coined} of them hold a separator" in card


def test_the_evaluation_card_tells_the_sizes_of_the_sets():
    card = read(ROOT / "data" / "evaluation" / "CARD.md")
    for name in ("city", "probe"):
        folder = ROOT / "data" / "evaluation" / name
        needs, offers = (read(folder / f"{side}.jsonl").count("\n") for side in ("opportunities", "capabilities"))
        graded = read(folder / "qrels.tsv").rstrip("\n").count("\n")
        assert f"| `{name}` | {needs} | {offers} | {graded} |" in card
