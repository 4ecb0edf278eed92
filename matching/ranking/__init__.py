"""Candidates, pair features, one readable score, bands."""

from matching.ranking.model import RankingModel, load_model
from matching.ranking.ranker import PairTable, Ranker

__all__ = ["PairTable", "Ranker", "RankingModel", "load_model"]
