"""Candidates, pair features, one readable score, bands."""

from matching.ranking.model import FEATURES, RankingModel, load_model
from matching.ranking.ranker import PairTable, Ranker

__all__ = ["FEATURES", "PairTable", "Ranker", "RankingModel", "load_model"]
