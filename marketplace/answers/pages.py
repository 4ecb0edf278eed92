"""What the pages of answers, consents and questions show."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.answers.terms import Terms
from marketplace.pages import PostingCard
from matching import Band, VerdictKind

# What a company says of one requirement.
STATUSES = {"full": "能满足", "partly": "部分能满足", "cannot": "不能满足", "discuss": "需沟通"}
STATES = {"draft": "草稿", "sent": "已发送", "withdrawn": "已撤回"}
QUESTION_STATES = {"asked": "待答复", "answered": "已公布", "returned": "已退回"}


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """A capability the company may answer with; ``band`` is None while the pair is not scored."""

    key: int
    title: str
    band: Band | None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One requirement with what is said of it.

    ``quote`` is the sentence of the company's own list that the machine found, None when the list is silent;
    ``kind`` is what the machine made of it, or ``by_person`` a matchmaker.
    """

    requirement: int
    text: str
    status: str
    evidence: str
    quote: str | None
    kind: VerdictKind | None
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """A company's own answer as it may be read and written.

    ``closed`` says in a sentence why it cannot be written any more. ``unsent`` says that a draft differs from
    what was sent. ``locked`` says that the capability cannot be exchanged any more.
    """

    opportunity: PostingCard
    story: bool
    terms: Terms
    offers: tuple[OwnOffer, ...]
    offer_key: int
    lines: tuple[AnswerLine, ...]
    note: str
    state: str
    number: int
    stamp: int
    sent_at: str
    withdrawn_at: str
    unsent: bool
    locked: bool
    closed: str
    pairing_key: int


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """What one company says to one requirement; ``former`` is the requirement's text when it was another one."""

    status: str
    evidence: str
    former: str = ""


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """The answer of one company; ``cells`` follow the rows of the table."""

    intent_key: int
    company: str
    offer: PostingCard
    note: str
    number: int
    sent_at: str
    pairing_key: int
    cells: tuple[AnswerCell, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class AnswersPage:
    """All answers to a need side by side, in the order they came; nothing at all while ``terms.hidden``.

    ``points`` are (number, text) of the rows; ``withdrawn`` are company and moment of answers taken back;
    ``may_rule`` says that the viewer may change the rules.
    """

    opportunity: PostingCard
    story: bool
    terms: Terms
    deadline: str
    points: tuple[tuple[int, str], ...]
    columns: tuple[AnswerColumn, ...]
    withdrawn: tuple[tuple[str, str], ...]
    may_rule: bool


@dataclass(frozen=True, slots=True)
class MyAnswer:
    """One line of the company's own list."""

    opportunity_key: int
    title: str
    publisher: str
    offer_title: str
    company: str
    state: str
    number: int
    unsent: bool
    closes_on: str
    closed: bool
    at: str
    pairing_key: int


@dataclass(frozen=True, slots=True)
class MyAnswers:
    """Every answer of the viewer's companies, drafts first."""

    answers: tuple[MyAnswer, ...]


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question as it may be shown, with its moments; nothing in it names who asked."""

    key: int
    text: str
    state: str
    answer: str
    asked_at: str
    answered_at: str


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """The questions on a need: those published, the viewer's own, and for the agency those that wait."""

    opportunity: PostingCard
    terms: Terms
    published: tuple[QuestionLine, ...]
    own: tuple[QuestionLine, ...]
    waiting: tuple[QuestionLine, ...]
    may_ask: bool
    may_answer: bool
    closed: str


@dataclass(frozen=True, slots=True)
class Answering:
    """What the page of an opportunity says about answers and questions to this viewer.

    ``own_state`` is the state of the viewer's own answer, empty for none. ``count`` is None for those who may not
    know how many answered.
    """

    may_answer: bool = False
    own_state: str = ""
    may_read: bool = False
    count: int | None = None
    hidden: bool = False
    closes_on: str = ""
    may_ask: bool = False
    waiting: int = 0
    questions: tuple[QuestionLine, ...] = ()
    questions_until: str = ""


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """One step of giving contacts away, for those it concerns."""

    side: str
    side_label: str
    act: str
    act_label: str
    person: str
    purpose: str
    at: str
    withdrawn_at: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """How far two sides are in giving each other their contacts.

    ``may`` are the acts open to this viewer. ``released`` says that both may be read; ``office_phone`` and
    ``revealed`` are the other side's and are filled only in the answer to a reveal. ``own_masked`` is the
    viewer's side's contact on the list, covered, empty when there is none.
    """

    pairing_key: int
    opportunity: PostingCard
    offer: PostingCard
    side: str
    through_matchmaker: bool
    steps: tuple[ConsentStep, ...]
    may: tuple[str, ...]
    released: bool
    waits_for: str
    own_masked: str
    reads: tuple[tuple[str, str], ...] = ()
    office_phone: str = ""
    revealed: str = ""
