"""Who asks, and what that person may see and do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.errors import ForbiddenError, NotFoundError

PUBLISHER, COMPANY, MATCHMAKER, REVIEWER = "publisher", "company", "matchmaker", "reviewer"
EXPERT, ADMIN, SECURITY, AUDITOR = "expert", "admin", "security", "auditor"
ROLES = {
    PUBLISHER: "需求方",
    COMPANY: "能力方",
    MATCHMAKER: "撮合员",
    REVIEWER: "审核员",
    EXPERT: "专家",
    ADMIN: "系统管理员",
    SECURITY: "安全管理员",
    AUDITOR: "审计员",
}
# Held for an organisation; the others are held for the site, some for districts.
OF_ORGANISATION = frozenset({PUBLISHER, COMPANY})
OF_DISTRICTS = frozenset({MATCHMAKER, REVIEWER})
# 三员分立: no one person holds two of these.
SEPARATE = frozenset({ADMIN, SECURITY, AUDITOR})


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person at one moment; a visitor has key 0 and no roles.

    ``districts`` maps matchmaker and reviewer to the beginnings of the regions they serve; an empty
    tuple means all. ``acting_for`` is the organisation chosen as 当前身份, 0 when none.
    """

    account_key: int = 0
    name: str = "访客"
    login: str = ""
    roles: frozenset[str] = frozenset()
    publisher_of: frozenset[int] = frozenset()
    company_of: frozenset[int] = frozenset()
    districts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acting_for: int = 0
    must_change: bool = False
    address: str = ""
    request_id: str = ""

    @property
    def signed_in(self) -> bool:
        """Whether this is a person with an account."""
        return self.account_key != 0

    def has(self, *roles: str) -> bool:
        """Whether the viewer holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    def owns(self, organisation_key: int | None) -> bool:
        """Whether the viewer belongs to the organisation, on either side."""
        return bool(organisation_key) and organisation_key in self.publisher_of | self.company_of

    def serves(self, role: str, region: str, district: str = "") -> bool:
        """Whether the viewer holds ``role`` for a region (city) or district."""
        if role not in self.roles:
            return False
        served = self.districts.get(role, ())
        return not served or any(one in (region, district) or district.startswith(one) for one in served)


VISITOR = Viewer()
# The command line acts with the rights of whoever may run it on the machine.
OPERATOR = Viewer(account_key=0, name="命令行", login="cli", roles=frozenset({REVIEWER, ADMIN}))


def require(viewer: Viewer, *roles: str) -> None:
    """Pass when the viewer holds one of the roles.

    Raises ForbiddenError naming the roles that may.
    """
    if not viewer.has(*roles):
        names = "、".join(ROLES[role] for role in roles)
        raise ForbiddenError(f"这项操作需要“{names}”身份；当前账号没有这个身份。")


def require_owner(viewer: Viewer, organisation_key: int | None, what: str = "这条记录") -> None:
    """Pass when the viewer belongs to the organisation.

    Raises NotFoundError: what belongs to others does not exist for this viewer.
    """
    if not viewer.owns(organisation_key):
        raise NotFoundError(f"没有找到{what}，可能是链接有误。")
