"""Requirement by requirement: which sentence answers it, and how surely.

A silent text is unclear, never a refusal; a verdict without a quoted sentence is unclear.
"""

from matching.evidence.judge import Judge
from matching.evidence.weights import EvidenceWeights

__all__ = ["EvidenceWeights", "Judge"]
