"""还缺什么: the requirement that a capability leaves unmet most often over the needs it otherwise fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from marketplace.pages import MatchView
from matching import Opportunity, VerdictKind

# Half of the shorter one's words in common: 数据部署在区政务云 and 平台须部署在政务云 ask for the same.
_SAME = 0.5
_UNMET = (VerdictKind.CONFLICT, VerdictKind.UNCLEAR, VerdictKind.PARTIAL)


@dataclass(frozen=True, slots=True)
class Gap:
    """The requirement as one need words it, in how many needs it was left unmet, and of how many that list any."""

    text: str
    needs: int
    of: int


def most_often_unmet(views: Sequence[MatchView], words_of: Callable[[str], Sequence[str]]) -> Gap | None:
    """Return what is unmet most often over the needs of ``views``, None when nothing is.

    Needs that list no requirements say nothing here. Requirements that share half of their words count as one;
    among equals a contradiction comes before silence, then the one of the better match.
    """
    groups: list[_Group] = []
    asked = 0
    for view in views:
        need = view.counterpart.posting
        if not isinstance(need, Opportunity) or not need.requirements:
            continue
        asked += 1
        for verdict in view.verdicts:
            if verdict.kind not in _UNMET:
                continue
            words = frozenset(words_of(verdict.requirement_text))
            found = next((group for group in groups if group.takes(words)), None)
            if found is None:
                groups.append(found := _Group(verdict.requirement_text, words, set(), _UNMET.index(verdict.kind)))
            found.needs.add(view.counterpart.key)
            found.kind = min(found.kind, _UNMET.index(verdict.kind))
    if not groups:
        return None
    # Stable: of equals the first, which is of the better match.
    best = min(groups, key=lambda group: (-len(group.needs), group.kind))
    return Gap(best.text, len(best.needs), asked)


@dataclass(slots=True)
class _Group:
    text: str
    words: frozenset[str]
    needs: set[int]
    kind: int

    def takes(self, words: frozenset[str]) -> bool:
        """Whether a requirement of these words asks for the same."""
        shorter = min(len(self.words), len(words))
        return self.words == words or (shorter > 0 and len(self.words & words) / shorter >= _SAME)
