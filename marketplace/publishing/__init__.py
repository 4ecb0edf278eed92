"""From a text being written to a published posting: drafts, the check before review, review, batches, versions."""

from marketplace.publishing.batches import BatchDesk, BatchForm
from marketplace.publishing.diffs import DiffPiece, FieldChange
from marketplace.publishing.drafts import DraftBook
from marketplace.publishing.pages import (
    BatchLine,
    BatchList,
    BatchPage,
    DraftLine,
    DraftPage,
    HistoryPage,
    ImportGroup,
    MyPage,
    NewBatch,
    NewDraft,
    OwnPosting,
    QueueLine,
    QueuePage,
    ReviewNote,
    ReviewPage,
    ReviewQuery,
)
from marketplace.publishing.quality import QualityCheck, QualityPoint
from marketplace.publishing.reach import Likeness, Reach
from marketplace.publishing.review import ReviewDesk
from marketplace.publishing.together import Decided, Pick

__all__ = [
    "BatchDesk",
    "BatchForm",
    "BatchLine",
    "BatchList",
    "BatchPage",
    "Decided",
    "DiffPiece",
    "DraftBook",
    "DraftLine",
    "DraftPage",
    "FieldChange",
    "HistoryPage",
    "ImportGroup",
    "Likeness",
    "MyPage",
    "NewBatch",
    "NewDraft",
    "OwnPosting",
    "Pick",
    "QualityCheck",
    "QualityPoint",
    "QueueLine",
    "QueuePage",
    "Reach",
    "ReviewDesk",
    "ReviewNote",
    "ReviewPage",
    "ReviewQuery",
]
