"""What matchmakers work with: their desk, suggestions, corrections of the machine, the list of what waits.

Nothing here changes a score: suggestions are an order of the day, corrections stand beside what the machine says.
"""

from marketplace.matchmaking.corrections import CorrectionBook
from marketplace.matchmaking.words import BAND_WORDS, VERDICT_WORDS

__all__ = ["BAND_WORDS", "VERDICT_WORDS", "CorrectionBook"]
