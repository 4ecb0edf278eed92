"""Judged sets, measures and the comparison of ways to rank."""

from matching.evaluation.judged import JudgedSet, load_judged_set
from matching.evaluation.measures import evaluate_set

__all__ = ["JudgedSet", "evaluate_set", "load_judged_set"]
