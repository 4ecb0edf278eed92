"""How much of a file is read at most: enough for any real list, too little to exhaust the machine."""

from __future__ import annotations

MIB = 1024 * 1024

MAX_FILE_BYTES = 50 * MIB
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_SHEETS = 100
# Of a whole file. Cells of merged areas are counted by the same measure when they are filled.
MAX_CELLS = 2_000_000
MAX_CHARACTERS = 50_000_000

# Of a zip: all entries together, and one entry against its packed size once it is of some size.
MAX_ENTRIES = 5_000
MAX_UNPACKED_BYTES = 500 * MIB
MAX_RATIO = 200
RATIO_FROM_BYTES = 10 * MIB
# Parts other than sheets and their texts are held in memory by the readers, Word's text as a tree.
MAX_PART_BYTES = 64 * MIB
MAX_DOCUMENT_BYTES = 30 * MIB
# Up to here the checked copy of a workbook is held in memory unpacked.
UNPACKED_COPY_BYTES = 64 * MIB
# A tag or comment of this length is no document but an attack on the parser.
MAX_TOKEN_BYTES = 4 * MIB

# calamine lays a sheet out as a full grid of 32 bytes a cell; a sheet wider apart is read row by row.
MAX_GRID = 4_000_000
# The same for an old xls, which has no other reader; it keeps a second grid for formulas.
MAX_OLD_GRID = 8_000_000
MAX_NAMED_CELLS = 5
