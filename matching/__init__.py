"""Texts in, ranked and explained pairs out; no web, no SQL.

The names below are the front door; other packages use nothing else of this one.
"""

from matching.encoders import Encoder, load_encoder
from matching.engine import CrossMatch, Engine, score_pair
from matching.errors import InputError, MatchingError, ModelError, SettingError
from matching.exchange import (
    PUBLISHER_TYPES,
    Reading,
    parse_posting,
    read_objects,
    read_postings,
    to_exchange,
)
from matching.indexes import Hit, LiveIndex, SearchRow, new_vector_index
from matching.prepare import PostingVectors, Prepared, encode_postings, prepare
from matching.ranking import RankingModel, load_model
from matching.records import (
    Band,
    Capability,
    Listing,
    NumberCheck,
    Opportunity,
    Passage,
    Posting,
    ScoredPair,
    Side,
    Team,
    Verdict,
    VerdictKind,
)
from matching.settings import MatchingSettings, load_settings
from matching.statistics import Snapshot
from matching.text import RECIPE_VERSION, Segmenter, compose, fold
from matching.text.places import without_places
from matching.text.segment import shared_segmenter

__all__ = [
    "PUBLISHER_TYPES",
    "RECIPE_VERSION",
    "Band",
    "Capability",
    "CrossMatch",
    "Encoder",
    "Engine",
    "Hit",
    "InputError",
    "Listing",
    "LiveIndex",
    "MatchingError",
    "MatchingSettings",
    "ModelError",
    "NumberCheck",
    "Opportunity",
    "Passage",
    "Posting",
    "PostingVectors",
    "Prepared",
    "RankingModel",
    "Reading",
    "ScoredPair",
    "SearchRow",
    "Segmenter",
    "SettingError",
    "Side",
    "Snapshot",
    "Team",
    "Verdict",
    "VerdictKind",
    "compose",
    "encode_postings",
    "fold",
    "load_encoder",
    "load_model",
    "load_settings",
    "new_vector_index",
    "parse_posting",
    "prepare",
    "read_objects",
    "read_postings",
    "score_pair",
    "shared_segmenter",
    "to_exchange",
    "without_places",
]
