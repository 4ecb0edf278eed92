"""Records and rules of the marketplace; entered through the names below."""

from marketplace.errors import BadRequestError, GoneError, MarketError, NotFoundError, RefusedError
from marketplace.market import Market
from marketplace.pages import (
    BenchmarkPage,
    Candidate,
    CapabilityPage,
    CityFigures,
    Contribution,
    Effect,
    Facet,
    FacetValue,
    GapView,
    Gate,
    HomePage,
    ListPage,
    ListQuery,
    MatchView,
    OpportunityPage,
    PairPage,
    PostingCard,
    SearchPage,
    StatusPage,
    TeamView,
    VerdictView,
)
from marketplace.settings import MarketSettings, load_market_settings


def open_market(settings: MarketSettings) -> Market:
    """Return the marketplace of an installation, creating its database when there is none."""
    return Market(settings)


__all__ = [
    "BadRequestError",
    "BenchmarkPage",
    "Candidate",
    "CapabilityPage",
    "CityFigures",
    "Contribution",
    "Effect",
    "Facet",
    "FacetValue",
    "GapView",
    "Gate",
    "GoneError",
    "HomePage",
    "ListPage",
    "ListQuery",
    "Market",
    "MarketError",
    "MarketSettings",
    "MatchView",
    "NotFoundError",
    "OpportunityPage",
    "PairPage",
    "PostingCard",
    "RefusedError",
    "SearchPage",
    "StatusPage",
    "TeamView",
    "VerdictView",
    "load_market_settings",
    "open_market",
]
