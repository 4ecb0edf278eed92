"""One module for each blueprint: clean the arguments, ask the market once, present, render.

A view is at most 25 lines, never sees SQL or a model, and never builds HTML or Markup itself.
Each module lists in ``GUARDS`` who may ask for each of its views.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from flask import Blueprint

from webapp.guards import Guard

_FOUND = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
# Modules without a blueprint hold what several views share.
MODULES: tuple[ModuleType, ...] = tuple(module for module in _FOUND if hasattr(module, "blueprint"))
BLUEPRINTS: tuple[Blueprint, ...] = tuple(module.blueprint for module in MODULES)
GUARDS: dict[str, Guard] = {
    f"{module.blueprint.name}.{name}": guard for module in MODULES for name, guard in module.GUARDS.items()
}

__all__ = ["BLUEPRINTS", "GUARDS", "MODULES"]
