"""Page dataclasses of the marketplace turned into the Context of one template each.

Labels, money, dates, addresses and marked text are made here and nowhere else; ``Markup`` is
made in ``marking`` only. A template receives exactly the fields of its Context, ``site`` beside.
"""

from webapp.presenters.benchmarks import BenchmarkContext, present_benchmarks, present_no_benchmarks
from webapp.presenters.capabilities import CapabilityContext, present_capability
from webapp.presenters.help import HelpContext, present_help
from webapp.presenters.home import HomeContext, present_home
from webapp.presenters.lists import (
    CapabilityListContext,
    ListContext,
    OpportunityListContext,
    list_url,
    present_list,
)
from webapp.presenters.messages import MessageContext, present_message
from webapp.presenters.opportunities import OpportunityContext, present_opportunity
from webapp.presenters.page import Context, Crumb, Head
from webapp.presenters.pairs import PairContext, present_pair
from webapp.presenters.search import SearchContext, present_search
from webapp.presenters.status import StatusContext, health, present_status

__all__ = [
    "BenchmarkContext",
    "CapabilityContext",
    "CapabilityListContext",
    "Context",
    "Crumb",
    "Head",
    "HelpContext",
    "HomeContext",
    "ListContext",
    "MessageContext",
    "OpportunityContext",
    "OpportunityListContext",
    "PairContext",
    "SearchContext",
    "StatusContext",
    "health",
    "list_url",
    "present_benchmarks",
    "present_capability",
    "present_help",
    "present_home",
    "present_list",
    "present_message",
    "present_no_benchmarks",
    "present_opportunity",
    "present_pair",
    "present_search",
    "present_status",
]
