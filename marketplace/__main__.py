"""``python -m marketplace``: the marketplace's commands."""

import sys

from marketplace.cli import main

sys.exit(main())
