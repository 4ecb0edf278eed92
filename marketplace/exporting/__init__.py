"""Lists on their way out: files, templates, handbooks, open data, feeds.

Whatever leaves goes through ``public``: only what is visible and valid, personal data masked. Nothing
here ranks anything.
"""

from marketplace.exporting.feed import FeedEntry, FeedPage
from marketplace.exporting.files import export_list
from marketplace.exporting.handbook import Handbook, HandbookEntry, HandbookQuery, HandbookSection
from marketplace.exporting.like_import import LikeColumn, export_like_import
from marketplace.exporting.open_data import OpenColumn, OpenDataPage, OpenList
from marketplace.exporting.outputs import OutputDesk, OutputFile
from marketplace.exporting.template import template_workbook

__all__ = [
    "FeedEntry",
    "FeedPage",
    "Handbook",
    "HandbookEntry",
    "HandbookQuery",
    "HandbookSection",
    "LikeColumn",
    "OpenColumn",
    "OpenDataPage",
    "OpenList",
    "OutputDesk",
    "OutputFile",
    "export_like_import",
    "export_list",
    "template_workbook",
]
