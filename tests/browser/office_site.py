"""The site over a real market of its own with one reviewer, for gunicorn with the test folders on its path.

``OFFICE_FOLDER`` is an empty folder for the market; the reviewer signs in as ``worker1``.
"""

from __future__ import annotations

import os
from pathlib import Path

from office import make_account, office_app, office_market

import matching
from matching import MatchingSettings

_folder = Path(os.environ["OFFICE_FOLDER"])
_market = office_market(_folder, MatchingSettings(Path(matching.__file__).parents[1] / "data", _folder))
app = office_app(_market)
make_account(_market, roles=["reviewer"])
