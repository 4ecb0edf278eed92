"""One module for each blueprint: clean the arguments, ask the market once, present, render.

A view is at most 25 lines, never sees SQL or a model, and never builds HTML or Markup itself.
"""

from flask import Blueprint

from webapp.views import (
    benchmarks,
    capabilities,
    help,
    home,
    opportunities,
    pairs,
    preferences,
    search,
    status,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    opportunities.blueprint,
    capabilities.blueprint,
    pairs.blueprint,
    search.blueprint,
    benchmarks.blueprint,
    status.blueprint,
    preferences.blueprint,
    help.blueprint,
)

__all__ = ["BLUEPRINTS"]
