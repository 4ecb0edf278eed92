"""Laws of this room: small views, one place for Markup, templates that get exactly their Context."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, meta, nodes

from webapp import presenters
from webapp.presenters import Context, ListContext
from webapp.views import BLUEPRINTS, GUARDS
from webapp.views import MODULES as VIEWS

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "webapp"
MODULES = sorted(WEB.rglob("*.py"))
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MANIFESTS = sorted([*WEB.rglob("MANIFEST.json"), *(ROOT / "tests" / "vendor").rglob("MANIFEST.json")])


def contexts(kind: type[Context] = Context) -> list[type[Context]]:
    found = [kind] if "template" in vars(kind) else []
    return found + [c for sub in kind.__subclasses__() for c in contexts(sub)]


def test_views_are_short() -> None:
    for path in (WEB / "views").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 25, f"{path.name}: {node.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(WEB)))
def test_modules_and_functions_are_of_a_readable_size(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(WEB)))
def test_markup_is_made_in_one_module(path: Path) -> None:
    makes = re.search(r"\bMarkup\(", path.read_text(encoding="utf-8"))
    assert not makes or path == WEB / "presenters" / "marking.py"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(WEB)))
def test_only_the_settings_read_the_environment(path: Path) -> None:
    reads = re.search(r"\b(environ|getenv)\b", path.read_text(encoding="utf-8"))
    assert not reads or path.name == "settings.py"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(WEB / "templates")))
def test_templates_hold_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for forbidden in (
        r"\|\s*safe",
        r"\sstyle=",
        r"\son[a-z]+=",
        r"<style",
        r"javascript:",
        r"hx-on",
        "autoescape",
        r'src="/',
        r"http://",
    ):
        assert not re.search(forbidden, text), forbidden
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def asked_by(environment: Environment, name: str, seen: set[str]) -> set[str]:
    """The names a template takes from its context, with those of what it extends and includes."""
    if name in seen:
        return set()
    seen.add(name)
    source = (WEB / "templates" / name).read_text(encoding="utf-8")
    tree = environment.parse(source)
    imported = {
        name if isinstance(name, str) else name[1] for node in tree.find_all(nodes.FromImport) for name in node.names
    }
    asked = meta.find_undeclared_variables(tree) - imported
    for node in tree.find_all((nodes.Extends, nodes.Include)):
        template = node.template
        assert isinstance(template, nodes.Const), "templates are named in full"
        asked |= asked_by(environment, template.value, seen)
    # What a page sets for the parts it includes is its own affair.
    return asked - {node.target.name for node in tree.find_all(nodes.Assign) if isinstance(node.target, nodes.Name)}


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.parent.name == "macros"], ids=lambda p: p.name)
def test_macros_take_everything_as_arguments(app: Flask, path: Path) -> None:
    tree = app.jinja_env.parse(path.read_text(encoding="utf-8"))
    imported = {name for node in tree.find_all(nodes.FromImport) for name in node.names}
    assert meta.find_undeclared_variables(tree) <= imported


def test_every_context_is_known() -> None:
    # A choice only leads back, a feed and records have no frame of a page.
    folders = {module.blueprint.name for module in VIEWS} - {"preferences", "feeds", "api"}
    assert {kind.template.split("/")[0] for kind in contexts()} == folders | {"errors"}


@pytest.mark.parametrize("kind", contexts(), ids=lambda kind: kind.__name__)
def test_a_template_gets_exactly_its_context(app: Flask, kind: type[Context]) -> None:
    given = {field.name for field in fields(kind)} | {"site"}
    asked = asked_by(app.jinja_env, kind.template, set()) - {"fragment"} - set(app.jinja_env.globals)
    assert asked == given


def test_the_fragment_asks_for_nothing_else(app: Flask) -> None:
    asked = asked_by(app.jinja_env, ListContext.fragment, set()) - {"fragment"}
    assert asked <= {field.name for field in fields(ListContext)}


def test_every_page_template_has_a_context() -> None:
    shared = {"base.html"}
    pages = {str(p.relative_to(WEB / "templates")) for p in TEMPLATES if p.parent.name not in ("macros", "partials")}
    assert pages - shared == {kind.template for kind in contexts()}


def test_every_blueprint_has_its_module_and_folder() -> None:
    folders = {p.name for p in (WEB / "templates").iterdir() if p.is_dir()}
    for blueprint in BLUEPRINTS:
        assert (WEB / "views" / f"{blueprint.name}.py").exists()
        assert blueprint.name in folders or blueprint.name in ("preferences", "api")


def test_reading_and_writing_are_apart(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule.rule


def test_every_view_says_who_may_ask(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert endpoints == set(GUARDS)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(WEB / "templates")))
def test_every_form_that_changes_something_carries_the_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL | re.IGNORECASE):
        assert "csrf(site)" in form, form[:80]


def test_the_front_door_lists_what_it_gives() -> None:
    assert all(hasattr(presenters, name) for name in presenters.__all__)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda p: p.parent.name)
def test_vendored_files_are_those_written_down(path: Path) -> None:
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["version"] in path.parent.name
    for row in manifest["files"]:
        assert hashlib.sha256((path.parent / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert len(MANIFESTS) == 2
