"""Hands a Context to its template, field by field."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Flask, render_template
from jinja2 import StrictUndefined

from webapp.presenters import Context, ListContext
from webapp.site import build_site


def template_fields(context: Context) -> dict[str, Any]:
    """The fields of a context by name, not copied."""
    return {field.name: getattr(context, field.name) for field in fields(context)}


def render(context: Context) -> str:
    """The whole page of a context."""
    return render_template(context.template, site=build_site(), **template_fields(context))


def render_fragment(context: ListContext) -> str:
    """Only the results and facets of a list, for an update in place."""
    return render_template(context.fragment, **template_fields(context))


def set_up_templates(app: Flask) -> None:
    """Refuse undefined names in templates and drop the blank lines that blocks leave."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
