"""What companies answer to opportunities and ask about them, and how contacts come to be given away.

The law of this room: of an answer nobody but its own company learns anything before the rules of the
opportunity allow it, not even that there is one; companies never learn of each other at all.
"""

from marketplace.answers.consents import SIDES, ConsentBook
from marketplace.answers.opening import open_sealed_answers
from marketplace.answers.pages import (
    QUESTION_STATES,
    STATES,
    STATUSES,
    Answering,
    AnswerLine,
    AnswerPage,
    AnswersPage,
    ConsentPage,
    MyAnswers,
    QuestionLine,
    QuestionsPage,
)
from marketplace.answers.questions import QuestionBook
from marketplace.answers.table import AnswerDesk, RuleForm
from marketplace.answers.writing import AnswerBook, TypedAnswer

__all__ = [
    "QUESTION_STATES",
    "SIDES",
    "STATES",
    "STATUSES",
    "AnswerBook",
    "AnswerDesk",
    "AnswerLine",
    "AnswerPage",
    "Answering",
    "AnswersPage",
    "ConsentBook",
    "ConsentPage",
    "MyAnswers",
    "QuestionBook",
    "QuestionLine",
    "QuestionsPage",
    "RuleForm",
    "TypedAnswer",
    "open_sealed_answers",
]
