"""Learning from judged groups: reading them, thinning texts, measuring on a file that was left out.

Nothing here runs when a site matches; the engine only reads what was learned, from data/ranking.
"""

from matching.learning.groups import Group, Reading, judged_of, read_groups
from matching.learning.heldout import HeldOut, measure_held_out

__all__ = ["Group", "HeldOut", "Reading", "judged_of", "measure_held_out", "read_groups"]
