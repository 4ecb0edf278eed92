"""``python -m marketplace``: the marketplace's commands."""

import os
import sys
import time

from marketplace.cli import main

# Today is the day in Beijing wherever the server stands; written so, it needs no table of zones.
os.environ["TZ"] = "CST-8"
time.tzset()
sys.exit(main())
