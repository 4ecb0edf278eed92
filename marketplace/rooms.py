"""The rooms of the marketplace behind its front door, each opened on first use."""

from __future__ import annotations

from functools import cached_property

from marketplace.accounts import AccountBook
from marketplace.answers import AnswerBook, AnswerDesk, ConsentBook, QuestionBook
from marketplace.audit_export import AuditOffice
from marketplace.contacts import ContactBook
from marketplace.desk import DeskKeeper
from marketplace.exporting import OutputDesk
from marketplace.finder import Finder
from marketplace.followup import PairingBook
from marketplace.freshness import FreshnessDesk
from marketplace.imports import ImportDesk
from marketplace.insight import ExposureBook, FeedbackBook, FunnelRoom
from marketplace.jobs import JobBook
from marketplace.matchmaking import CorrectionBook, WaitingList, Workbench, WorkloadBook
from marketplace.notices import NoticeBook
from marketplace.organisations import OrganisationBook
from marketplace.publishing import BatchDesk, DraftBook, ReviewDesk
from marketplace.selection import (
    ApplicationBook,
    CandidateBook,
    CheckDesk,
    DocumentBook,
    DossierBook,
    FactBook,
    MarkingBook,
    NoticeDesk,
    PanelDesk,
    ResultBook,
    ScoreOutputs,
    SelectionBoard,
    YearBook,
)
from marketplace.settings import MarketSettings
from marketplace.subscribing import MailBook, SearchShelf, SubscriptionBook
from marketplace.terms import TermDesk


class Rooms:
    """What offices do, one room for each kind of work; every method takes the viewer first."""

    settings: MarketSettings
    _keeper: DeskKeeper
    _finder: Finder

    @cached_property
    def accounts(self) -> AccountBook:
        """People, passwords, roles."""
        return AccountBook(self._keeper, self.settings, rules=self.settings.passwords)

    @cached_property
    def organisations(self) -> OrganisationBook:
        """Organisations, claims, merging."""
        return OrganisationBook(self._keeper, self.settings)

    @cached_property
    def drafts(self) -> DraftBook:
        """Texts being written."""
        return DraftBook(self._keeper, self.settings, self._finder)

    @cached_property
    def review(self) -> ReviewDesk:
        """Texts waiting for a reviewer."""
        return ReviewDesk(self._keeper, self.settings, self._finder)

    @cached_property
    def batches(self) -> BatchDesk:
        """Approved texts on their way out."""
        return BatchDesk(self._keeper, self.settings)

    @cached_property
    def imports(self) -> ImportDesk:
        """Uploaded lists on their way in."""
        return ImportDesk(self._keeper, self.settings, self._finder)

    @cached_property
    def outputs(self) -> OutputDesk:
        """Workbooks, handbooks, open data, feeds."""
        return OutputDesk(self._keeper, self.settings, self._finder)

    @cached_property
    def freshness(self) -> FreshnessDesk:
        """Confirming, taking off the shelf and putting back."""
        return FreshnessDesk(self._keeper, self.settings)

    @cached_property
    def pairings(self) -> PairingBook:
        """Pairs on their way from recommendation to landing."""
        return PairingBook(self._keeper, self.settings)

    @cached_property
    def jobs(self) -> JobBook:
        """Work done aside."""
        return JobBook(self._keeper, self.settings)

    @cached_property
    def corrections(self) -> CorrectionBook:
        """What matchmakers say against the machine."""
        return CorrectionBook(self._keeper, self.settings)

    @cached_property
    def workbench(self) -> Workbench:
        """What matchmakers have to do today, and all their pairings."""
        return Workbench(self._keeper, self.settings)

    @cached_property
    def workload(self) -> WorkloadBook:
        """Who carries how much."""
        return WorkloadBook(self._keeper)

    @cached_property
    def waiting(self) -> WaitingList:
        """Needs that nobody is being brought to."""
        return WaitingList(self._keeper)

    @cached_property
    def notices(self) -> NoticeBook:
        """What people are told."""
        return NoticeBook(self._keeper)

    @cached_property
    def subscriptions(self) -> SubscriptionBook:
        """What people want to be told."""
        return SubscriptionBook(self._keeper, self.settings, self._finder)

    @cached_property
    def searches(self) -> SearchShelf:
        """Lists as filtered, kept under a name."""
        return SearchShelf(self._keeper, self._finder)

    @cached_property
    def mail(self) -> MailBook:
        """Where mail goes."""
        return MailBook(self._keeper, self.settings)

    @cached_property
    def audit(self) -> AuditOffice:
        """Who did what."""
        return AuditOffice(self._keeper)

    @cached_property
    def contacts(self) -> ContactBook:
        """Protected contacts."""
        return ContactBook(self._keeper, self.settings)

    @cached_property
    def answers(self) -> AnswerBook:
        """A company's own answers to opportunities."""
        return AnswerBook(self._keeper, self.settings)

    @cached_property
    def answer_desk(self) -> AnswerDesk:
        """All answers to an opportunity side by side."""
        return AnswerDesk(self._keeper, self.settings)

    @cached_property
    def consents(self) -> ConsentBook:
        """Giving contacts away."""
        return ConsentBook(self._keeper, self.settings, self.contacts)

    @cached_property
    def questions(self) -> QuestionBook:
        """Questions on opportunities."""
        return QuestionBook(self._keeper, self.settings)

    @cached_property
    def terms(self) -> TermDesk:
        """Taxonomies."""
        return TermDesk(self._keeper, self.settings)

    @cached_property
    def funnel(self) -> FunnelRoom:
        """What became of published needs."""
        return FunnelRoom(self._keeper, self.settings)

    @cached_property
    def exposure(self) -> ExposureBook:
        """How often capabilities are shown and needs opened."""
        return ExposureBook(self._keeper, self.settings)

    @cached_property
    def year_book(self) -> YearBook:
        """The parameters of each year's benchmark."""
        return YearBook(self._keeper)

    @cached_property
    def candidates(self) -> CandidateBook:
        """What the machine flags as candidates."""
        return CandidateBook(self._keeper)

    @cached_property
    def facts(self) -> FactBook:
        """What was checked about landed pairs."""
        return FactBook(self._keeper)

    @cached_property
    def applications(self) -> ApplicationBook:
        """Cases as those who put them in see them."""
        return ApplicationBook(self._keeper)

    @cached_property
    def checks(self) -> CheckDesk:
        """Checks of cases before they are scored."""
        return CheckDesk(self._keeper)

    @cached_property
    def documents(self) -> DocumentBook:
        """Documents of applications."""
        return DocumentBook(self._keeper, self.settings)

    @cached_property
    def panel(self) -> PanelDesk:
        """The experts of a year."""
        return PanelDesk(self._keeper)

    @cached_property
    def marking(self) -> MarkingBook:
        """Experts' own sheets."""
        return MarkingBook(self._keeper)

    @cached_property
    def board(self) -> SelectionBoard:
        """The round as its organisers carry it."""
        return SelectionBoard(self._keeper)

    @cached_property
    def publicity(self) -> NoticeDesk:
        """Publication and objections."""
        return NoticeDesk(self._keeper, self.settings)

    @cached_property
    def results(self) -> ResultBook:
        """Frozen results."""
        return ResultBook(self._keeper)

    @cached_property
    def scores(self) -> ScoreOutputs:
        """Files of scores and results."""
        return ScoreOutputs(self._keeper)

    @cached_property
    def dossiers(self) -> DossierBook:
        """Dossiers of cases, and the years side by side."""
        return DossierBook(self._keeper)

    @cached_property
    def feedback(self) -> FeedbackBook:
        """What people say of pairs."""
        return FeedbackBook(self._keeper)
