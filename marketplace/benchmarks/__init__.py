"""年度场景创新标杆: the machine holds landed pairs against the year's gates; people decide."""

from marketplace.benchmarks.facts import find_fault, keep_noted
from marketplace.benchmarks.gates import CANDIDATE, YearRules, examine, status_of, years_of

__all__ = ["CANDIDATE", "YearRules", "examine", "find_fault", "keep_noted", "status_of", "years_of"]
