"""Records and rules of the marketplace; entered through the names below."""

from marketplace.access import ROLES, VISITOR, Viewer, require, require_owner
from marketplace.audit import AuditEntry, AuditPage, AuditQuery
from marketplace.errors import (
    BadRequestError,
    FaultyError,
    ForbiddenError,
    GoneError,
    MarketError,
    NotFoundError,
    RefusedError,
    StaleError,
)
from marketplace.exporting import (
    FeedEntry,
    FeedPage,
    Handbook,
    HandbookEntry,
    HandbookQuery,
    HandbookSection,
    OpenDataPage,
    OpenList,
    OutputFile,
)
from marketplace.imports import (
    DECISIONS,
    ROW_STATES,
    CellView,
    CheckPage,
    ColumnChoice,
    ColumnsPage,
    ImportListPage,
    ResultPage,
    RowView,
    RunView,
)
from marketplace.jobs import JobPage
from marketplace.mail_settings import mail_settings
from marketplace.market import Market
from marketplace.notices import InboxPage, NoticeView
from marketplace.pages import (
    BenchmarkPage,
    Candidate,
    CapabilityPage,
    CityFigures,
    Contribution,
    CorrectionView,
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
from marketplace.records import FIELDS, SIDE_NAMES, Fault, FieldSpec, shown_batch, shown_budget, shown_day, shown_facts
from marketplace.rules import rule_settings
from marketplace.sealing import secret_of
from marketplace.settings import MarketSettings, load_market_settings
from marketplace.sight import Sight
from marketplace.terms import TaxonomyLine, TaxonomyPage, Term, TermPage
from marketplace.workbooks.columns import Header
from marketplace.workbooks.twins import Twin


def installation_secret() -> bytes:
    """Return the secret that signs this installation's session cookies, made on first use."""
    return secret_of(load_market_settings().keys_dir / "session.key")


def open_market(settings: MarketSettings) -> Market:
    """Return the marketplace of an installation, creating its database when there is none."""
    return Market(settings)


__all__ = [
    "DECISIONS",
    "FIELDS",
    "ROLES",
    "ROW_STATES",
    "SIDE_NAMES",
    "VISITOR",
    "AuditEntry",
    "AuditPage",
    "AuditQuery",
    "BadRequestError",
    "BenchmarkPage",
    "Candidate",
    "CapabilityPage",
    "CellView",
    "CheckPage",
    "CityFigures",
    "ColumnChoice",
    "ColumnsPage",
    "Contribution",
    "CorrectionView",
    "Effect",
    "Facet",
    "FacetValue",
    "Fault",
    "FaultyError",
    "FeedEntry",
    "FeedPage",
    "FieldSpec",
    "ForbiddenError",
    "GapView",
    "Gate",
    "GoneError",
    "Handbook",
    "HandbookEntry",
    "HandbookQuery",
    "HandbookSection",
    "Header",
    "HomePage",
    "ImportListPage",
    "InboxPage",
    "JobPage",
    "ListPage",
    "ListQuery",
    "Market",
    "MarketError",
    "MarketSettings",
    "MatchView",
    "NotFoundError",
    "NoticeView",
    "OpenDataPage",
    "OpenList",
    "OpportunityPage",
    "OutputFile",
    "PairPage",
    "PostingCard",
    "RefusedError",
    "ResultPage",
    "RowView",
    "RunView",
    "SearchPage",
    "Sight",
    "StaleError",
    "StatusPage",
    "TaxonomyLine",
    "TaxonomyPage",
    "TeamView",
    "Term",
    "TermPage",
    "Twin",
    "VerdictView",
    "Viewer",
    "installation_secret",
    "load_market_settings",
    "mail_settings",
    "open_market",
    "require",
    "require_owner",
    "rule_settings",
    "shown_batch",
    "shown_budget",
    "shown_day",
    "shown_facts",
]
