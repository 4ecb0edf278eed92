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
    MyPage,
    NewBatch,
    NewDraft,
    OwnPosting,
    QueuePage,
    ReviewNote,
    ReviewPage,
    ReviewQuery,
)
from marketplace.publishing.quality import QualityCheck, QualityPoint
from marketplace.publishing.reach import Likeness, Reach
from marketplace.publishing.review import ReviewDesk

__all__ = [
    "BatchDesk",
    "BatchForm",
    "BatchLine",
    "BatchList",
    "BatchPage",
    "DiffPiece",
    "DraftBook",
    "DraftLine",
    "DraftPage",
    "FieldChange",
    "HistoryPage",
    "Likeness",
    "MyPage",
    "NewBatch",
    "NewDraft",
    "OwnPosting",
    "QualityCheck",
    "QualityPoint",
    "QueuePage",
    "Reach",
    "ReviewDesk",
    "ReviewNote",
    "ReviewPage",
    "ReviewQuery",
]
