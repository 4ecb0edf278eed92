"""创新联合体: the smallest set of capabilities that serves a need together."""

from matching.teams.cover import MAX_MEMBERS, choose_team

__all__ = ["MAX_MEMBERS", "choose_team"]
