"""年度场景创新标杆 as people carry it out: set up, apply, check, score, publish, freeze.

The machine flags candidates and adds up marks; who is chosen follows from experts' marks and the year's sheet alone.
Experts see nothing of one another. Once frozen, nothing of a year changes: the tables refuse it.
"""

from marketplace.benchmarks.gates import GATE_LABELS
from marketplace.benchmarks.sheet import CALENDAR, CRITERIA, NUMBERS, Sheet
from marketplace.selection.applying import Applicable, ApplicationBook, ApplicationList, ApplicationPage, CaseLine
from marketplace.selection.board import BoardCase, BoardPage, BoardYear, CasePage, SelectionBoard
from marketplace.selection.checking import CheckDesk, FactBook, FactPage
from marketplace.selection.documents import OTHER, DocumentBook, DocumentFile, DocumentLine
from marketplace.selection.dossier import LEVELS, Dossier, DossierBook, YearSummary
from marketplace.selection.exporting import ScoreOutputs
from marketplace.selection.flags import (
    GROUPS,
    CandidateBook,
    CandidateLine,
    CandidatePage,
    FlagView,
    PotentialLine,
)
from marketplace.selection.freezing import FrozenPage, ResultBook
from marketplace.selection.marking import MarkingBook, SheetPage, TaskLine
from marketplace.selection.panel import CaseSeats, ExpertLine, PanelDesk, PanelPage, Seat
from marketplace.selection.publicity import NoticeDesk, NoticePage, ObjectionTyped, ObjectionView
from marketplace.selection.ties import TieLine
from marketplace.selection.years import YearBook, YearLine, YearList, YearPage

__all__ = [
    "CALENDAR",
    "CRITERIA",
    "GATE_LABELS",
    "GROUPS",
    "LEVELS",
    "NUMBERS",
    "OTHER",
    "Applicable",
    "ApplicationBook",
    "ApplicationList",
    "ApplicationPage",
    "BoardCase",
    "BoardPage",
    "BoardYear",
    "CandidateBook",
    "CandidateLine",
    "CandidatePage",
    "CaseLine",
    "CasePage",
    "CaseSeats",
    "CheckDesk",
    "DocumentBook",
    "DocumentFile",
    "DocumentLine",
    "Dossier",
    "DossierBook",
    "ExpertLine",
    "FactBook",
    "FactPage",
    "FlagView",
    "FrozenPage",
    "MarkingBook",
    "NoticeDesk",
    "NoticePage",
    "ObjectionTyped",
    "ObjectionView",
    "PanelDesk",
    "PanelPage",
    "PotentialLine",
    "ResultBook",
    "ScoreOutputs",
    "Seat",
    "SelectionBoard",
    "Sheet",
    "SheetPage",
    "TaskLine",
    "TieLine",
    "YearBook",
    "YearLine",
    "YearList",
    "YearPage",
    "YearSummary",
]
