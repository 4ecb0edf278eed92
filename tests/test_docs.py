"""Holds the documents against the code: commands, settings, targets, links, glossary, counted data."""

from __future__ import annotations

import argparse
import csv
import json
import re
from dataclasses import fields
from pathlib import Path
from statistics import median

import pytest

import marketplace.cli
import marketplace.jobs.book
import matching.cli
import matching.settings
from marketplace.access import ROLES
from marketplace.benchmarks.sheet import CALENDAR, CRITERIA, NUMBERS
from marketplace.benchmarks.tally import OUTCOMES as TALLY_OUTCOMES
from marketplace.followup import ACTIONS
from marketplace.imports.pages import OUTCOMES, RUN_STATES
from marketplace.insight.steps import STEPS as FUNNEL_STEPS
from marketplace.notices import KINDS as NOTICES
from marketplace.publishing.quality import check_quality
from marketplace.publishing.states import BATCH_STATES, DRAFT_STATES, STEP_LABELS
from marketplace.records import FIELDS, CapabilityRecord, OpportunityRecord
from marketplace.records.organisation import KINDS as ORGANISATIONS
from marketplace.records.organisation import ORGANISATION_FIELDS
from marketplace.rules import RULES, rule_settings
from marketplace.selection.flags import GROUPS
from marketplace.selection.publicity import OBJECTION_STATES
from marketplace.selection_states import AFTERMATHS, CASE_ACTIONS, CASE_STATES, GROUNDS, WAYS, YEAR_STATES
from marketplace.stages import DERIVED_STATES, ORIGINS, STAGES
from marketplace.states import STATES
from marketplace.subscribing import FREQUENCIES, SUBJECTS
from marketplace.taxonomies import TAXONOMIES
from marketplace.workbooks import reading
from marketplace.workbooks.checking import STATES as ROW_STATES
from marketplace.workbooks.twins import DECISIONS
from matching import Band, VerdictKind
from matching.evaluation.report import BAND_NAMES
from webapp.limits import LIMITS as RATES
from webapp.presenters import labels
from webapp.settings import OTHERS, PREFIX, WebSettings

ROOT = Path(__file__).resolve().parent.parent
SHEET_NUMBERS = {name: label for name, (label, *_) in NUMBERS.items()}
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
CARDS = sorted(path for path in (ROOT / "data").rglob("*.md") if "local" not in path.relative_to(ROOT / "data").parts)
ALL = [README, ROOT / "CHANGELOG.md", *DOCS, *CARDS]
SETTINGS = sorted({PREFIX + name.upper() for name in WebSettings.model_fields} | {PREFIX + name for name in OTHERS})
DEPENDENCIES = ROOT / "requirements.in"
GLOSSARY, RESERVED = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("## Reserved", 1)
LIMITS = re.compile("不含|仅|暂不|不支持|不提供|需另")


def read(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def subcommands(parser: argparse.ArgumentParser) -> list[str]:
    actions = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return [name for action in actions for name in action.choices]


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: one for action in actions for name, one in action.choices.items()}


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


@pytest.mark.parametrize("path", [README, ROOT / "docs" / "operations.md"], ids=["readme", "operations"])
def test_the_tables_tell_the_default_of_every_rule(path):
    told = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| `?(\d+)`?[ |]", read(path), re.MULTILINE))
    rules = {
        rule.metadata["setting"].removeprefix(PREFIX): str(rule.default) for kind in RULES for rule in fields(kind)
    }
    assert set(rules) == set(rule_settings())
    assert {name: told.get(name) for name in rules} == rules


def test_every_option_of_the_import_and_every_account_action_is_in_the_readme():
    text = read(README)
    parsers = subparsers(marketplace.cli.build_parser())
    options = [option for action in parsers["import"]._actions for option in action.option_strings]
    wanted = [option for option in options if option not in ("-h", "--help")]
    wanted += [f"account {action}" for action in subcommands(parsers["account"])]
    assert len(wanted) > 8
    assert [words for words in wanted if words not in text] == []


def test_the_limits_told_are_those_of_the_code():
    text = read(ROOT / "docs" / "operations.md")
    told = (f"{reading.MAX_FILE_BYTES >> 20} MB", f"{reading.MAX_ROWS:,} filled rows", f"{reading.MAX_COLUMNS} columns")
    assert [words for words in told if words not in text] == []
    rates = {rule.split(" ", 1)[0] + " " + rule.rsplit(" ", 1)[1] for rule in RATES.values()}
    named = {f"{number} {unit}" for number, unit in re.findall(r"\| (\d+) (?:tries )?an? (minute|hour) from one", text)}
    assert named == rates


def test_every_dependency_has_a_decision_with_its_version():
    text = read(ROOT / "docs" / "decisions.md").lower()
    pinned = re.findall(r"^([\w-]+)==(\S+)", read(DEPENDENCIES), re.MULTILINE)
    older = {"numpy", "onnx", "safetensors", "tokenizers"}
    assert [name for name, version in pinned if name not in older and f"{name} {version}" not in text] == []


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
    words = set(re.findall(r"\w+", read(*sources, ROOT / "data" / "taxonomies" / "disclosure.csv")))
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


def test_every_field_of_the_records_is_in_the_glossary():
    terms = {(term, name) for term, names in glossary_rows() for name in names}
    specs = [spec for side in FIELDS for spec in FIELDS[side]] + list(ORGANISATION_FIELDS)
    assert {(spec.label, spec.name) for spec in specs} - terms == set()


@pytest.mark.parametrize(
    "table",
    [STAGES, DERIVED_STATES, ORIGINS, ACTIONS, ROLES, DRAFT_STATES, STEP_LABELS, BATCH_STATES, RUN_STATES,
     ROW_STATES, OUTCOMES, DECISIONS,
     YEAR_STATES, CASE_STATES, WAYS, GROUNDS, CASE_ACTIONS, AFTERMATHS, GROUPS, TALLY_OUTCOMES, OBJECTION_STATES,
     CRITERIA, CALENDAR, SHEET_NUMBERS,
     marketplace.jobs.book.STATES, NOTICES, TAXONOMIES, ORGANISATIONS, FUNNEL_STEPS, FREQUENCIES,
     SUBJECTS],
    ids=["stages", "shown states", "origins", "journal", "roles", "drafts", "steps", "batches", "imports", "rows",
         "outcomes", "decisions",
         "years", "cases", "ways", "grounds", "history of cases", "aftermath", "groups", "tally", "objections",
         "criteria", "calendar", "numbers", "jobs", "notices",
         "taxonomies", "organisations", "funnel", "frequencies", "subjects"],
)  # fmt: skip
def test_every_label_of_the_office_is_in_the_glossary(table):
    terms = {(term, name) for term, names in glossary_rows() for name in names}
    assert {(label, code) for code, label in table.items()} - terms == set()


def test_every_point_of_the_check_is_in_the_glossary():
    terms = {(term, name) for term, names in glossary_rows() for name in names}
    texts = (OpportunityRecord(title="甲", publisher="乙"), CapabilityRecord(title="甲", company="乙"))
    points = [point for text in texts for point in check_quality(text).points]
    assert len(points) > 10
    assert {(point.label, point.name) for point in points} - terms == set()


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
        if name.startswith("data/local/") or path.suffix not in (".jsonl", ".tsv", ".txt", ".csv"):
            continue
        if path.suffix == ".csv":
            counted[name] = str(len(list(csv.DictReader(read(path).splitlines()))))
            continue
        rows = sum(bool(line.strip()) for line in read(path).split("\n"))
        counted[name] = str(rows - (path.suffix == ".tsv"))
    assert listed == counted


def test_the_card_of_the_taxonomies_tells_their_rows():
    card = read(ROOT / "data" / "taxonomies" / "README.md")
    told = {name: rows.replace(",", "") for name, rows in re.findall(r"^\| `(\w+)\.csv` \| ([\d,]+) \|", card, re.M)}
    files = (ROOT / "data" / "taxonomies").glob("*.csv")
    assert told == {path.stem: str(len(list(csv.DictReader(read(path).splitlines())))) for path in files}


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
