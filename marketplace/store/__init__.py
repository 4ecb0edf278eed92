"""The only place with SQL: records, vectors, change log, snapshots, matches, landings.

SQL over record tables stays in the subset SQLite and MySQL 8 share: no RETURNING, no ON CONFLICT,
no auto-increment, ISO-8601 text for time, 0/1 for booleans, JSON as text.
"""

from marketplace.store.database import Database, transaction
from marketplace.store.matches import MatchRow
from marketplace.store.postings import PostingRow

__all__ = ["Database", "MatchRow", "PostingRow", "transaction"]
