"""Lists come in: uploaded, understood, checked, settled, written a few rows at a time, and taken back."""

from marketplace.imports.desk import ImportDesk
from marketplace.imports.pages import (
    DRAFTS,
    OUTCOMES,
    PUBLISH,
    RUN_STATES,
    CellView,
    CheckPage,
    ColumnChoice,
    ColumnsPage,
    ImportListPage,
    ResultPage,
    RowView,
    RunView,
    SheetView,
)
from marketplace.imports.views import ROW_STATES
from marketplace.workbooks.twins import DECISIONS

__all__ = [
    "DECISIONS",
    "DRAFTS",
    "OUTCOMES",
    "PUBLISH",
    "ROW_STATES",
    "RUN_STATES",
    "CellView",
    "CheckPage",
    "ColumnChoice",
    "ColumnsPage",
    "ImportDesk",
    "ImportListPage",
    "ResultPage",
    "RowView",
    "RunView",
    "SheetView",
]
