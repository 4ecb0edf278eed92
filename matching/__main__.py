"""``python -m matching``: the engine's commands."""

import sys

from matching.cli import main

sys.exit(main())
