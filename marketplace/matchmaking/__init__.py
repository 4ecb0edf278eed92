"""What matchmakers work with: their desk, suggestions, corrections of the machine, the list of what waits.

Nothing here changes a score: suggestions are an order of the day, corrections stand beside what the machine says.
"""

from marketplace.matchmaking.corrections import CorrectionBook
from marketplace.matchmaking.pages import (
    BoardColumn,
    BoardPage,
    DeskCard,
    DeskChoices,
    DeskListPage,
    DeskPage,
    DeskQuery,
    Factor,
    Load,
    Stretch,
    Suggestion,
    Waiting,
    WaitingCandidate,
    WaitingPage,
    WorkloadPage,
)
from marketplace.matchmaking.waiting import MATCHED, UNMATCHED, WaitingList
from marketplace.matchmaking.workbench import Workbench
from marketplace.matchmaking.workload import WorkloadBook
from marketplace.wording import BAND_WORDS, VERDICT_WORDS

__all__ = [
    "BAND_WORDS",
    "MATCHED",
    "UNMATCHED",
    "VERDICT_WORDS",
    "BoardColumn",
    "BoardPage",
    "CorrectionBook",
    "DeskCard",
    "DeskChoices",
    "DeskListPage",
    "DeskPage",
    "DeskQuery",
    "Factor",
    "Load",
    "Stretch",
    "Suggestion",
    "Waiting",
    "WaitingCandidate",
    "WaitingList",
    "WaitingPage",
    "Workbench",
    "WorkloadBook",
    "WorkloadPage",
]
