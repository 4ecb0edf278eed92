"""The security officer's work: giving roles and taking them away, with duties kept apart."""

from __future__ import annotations

from marketplace.access import OF_DISTRICTS, OF_ORGANISATION, ROLES, SECURITY, SEPARATE, Viewer, require
from marketplace.accounts.pages import Grant
from marketplace.accounts.signing import SUBJECT, SignInDesk
from marketplace.audit import record_action
from marketplace.errors import FaultyError, ForbiddenError, NotFoundError
from marketplace.organisations.naming import find_named
from marketplace.records import Fault
from marketplace.store import Database, transaction
from marketplace.store.accounts import (
    AccountRow,
    MembershipRow,
    drop_membership,
    load_account,
    memberships_of,
    save_membership,
)
from marketplace.store.organisations import load_organisation, organisation_names
from marketplace.taxonomies import find_division, suggest_division


class RoleDesk(SignInDesk):
    """Gives and takes roles; nobody changes the own ones, and nobody holds two of the separate duties."""

    def grant(
        self, viewer: Viewer, key: int, role: str, organisation_key: int = 0, districts: tuple[str, ...] = ()
    ) -> None:
        """Give a role; the same role again changes its districts.

        Raises RefusedError when the duties must stay apart or something does not fit the role.
        """
        require(viewer, SECURITY)
        refuse_own(viewer, key, "改动自己的身份")
        db = self._keeper.db
        with transaction(db):
            self._give(db, viewer, key, Grant(role, organisation_key, districts))

    def grant_named(self, viewer: Viewer, key: int, role: str, organisation: str, districts: str) -> None:
        """Give a role as a form writes it: the organisation by name or credit code, districts parted by 、.

        Raises FaultyError field by field (role, organisation, districts).
        """
        require(viewer, SECURITY)
        db = self._keeper.db
        place = 0
        if role in OF_ORGANISATION:
            place = _named(db, organisation)
        parts = districts.replace(",", "、").replace("，", "、").replace(" ", "、").replace("\n", "、").split("、")
        self.grant(viewer, key, role, place, tuple(filter(None, (part.strip() for part in parts))))

    def revoke(self, viewer: Viewer, key: int, role: str, organisation_key: int = 0) -> None:
        """Take a role away; it ends with the next request of the account.

        Raises NotFoundError when the account does not hold it, ForbiddenError for the own account.
        """
        require(viewer, SECURITY)
        refuse_own(viewer, key, "改动自己的身份")
        db = self._keeper.db
        with transaction(db):
            row = self._find(db, key)
            if not drop_membership(db, key, role, organisation_key):
                raise NotFoundError("这个账号没有这个身份，可能已被收回。")
            name = organisation_names(db, [organisation_key]).get(organisation_key, "")
            record_action(db, viewer, "role.revoked", SUBJECT, key, 登录名=row.login, 身份=ROLES[role], 单位=name)

    def _give(self, db: Database, viewer: Viewer, key: int, grant: Grant) -> None:
        row, role = self._find(db, key), grant.role
        if role not in ROLES:
            raise _role_fault("role", "身份", role, f"没有“{role}”这种身份；可选：{'、'.join(ROLES.values())}。")
        held = {one.role for one in memberships_of(db, [key])}
        clash = sorted(SEPARATE & held - {role}) if role in SEPARATE else []
        if clash:
            says = f"“{row.login}”已是{ROLES[clash[0]]}，不能再任{ROLES[role]}：系统、安全、审计三员须由不同的人担任。"
            raise _role_fault("role", "身份", ROLES[role], says)
        organisation_key = _organisation_of(db, grant)
        districts = _districts_of(grant)
        save_membership(db, MembershipRow(key, role, organisation_key, districts))
        name = organisation_names(db, [organisation_key]).get(organisation_key, "")
        record_action(
            db, viewer, "role.granted", SUBJECT, key, 登录名=row.login, 身份=ROLES[role], 单位=name,
            地区="、".join(districts),
        )  # fmt: skip

    def _find(self, db: Database, key: int) -> AccountRow:
        row = load_account(db, key)
        if row is None:
            raise NotFoundError("没有找到这个账号，可能是链接有误。")
        return row


def refuse_own(viewer: Viewer, key: int, what: str) -> None:
    """Nobody acts on the own account; the command line has none."""
    if viewer.account_key and viewer.account_key == key:
        raise ForbiddenError(f"不能{what}；请由另一位管理员办理。")


def _named(db: Database, text: str) -> int:
    found, short = find_named(db, text), text.strip()[:40]
    if not short:
        raise _role_fault("organisation", "单位", "", "没有填写单位；请填单位全称或统一社会信用代码。")
    if not found:
        says = f"没有找到名为“{short}”的单位；请填单位全称或统一社会信用代码，还没有的先到“单位”里新建。"
        raise _role_fault("organisation", "单位", short, says)
    if len(found) > 1:
        says = f"有 {len(found)} 个单位叫“{short}”；请改填统一社会信用代码。"
        raise _role_fault("organisation", "单位", short, says)
    return found[0].key


def _organisation_of(db: Database, grant: Grant) -> int:
    if grant.role not in OF_ORGANISATION:
        if grant.organisation_key:
            raise _role_fault("organisation", "单位", "", f"“{ROLES[grant.role]}”不属于某个单位；单位应留空。")
        return 0
    row = load_organisation(db, grant.organisation_key) if grant.organisation_key else None
    if row is None:
        raise _role_fault("organisation", "单位", "", f"“{ROLES[grant.role]}”须属于一个单位；请填写单位。")
    return row.key


def _districts_of(grant: Grant) -> tuple[str, ...]:
    """Return the districts by their full names, as the regions of postings begin."""
    if grant.districts and grant.role not in OF_DISTRICTS:
        given = "、".join(grant.districts)
        raise _role_fault("districts", "地区", given, f"“{ROLES[grant.role]}”不分地区；地区应留空。")
    names = []
    for text in grant.districts:
        place = find_division(text)
        # A province is no region of a posting: nothing would ever be in it.
        if place is None or not place.city:
            near = None if place else suggest_division(text)
            hint = f"；是不是“{near}”" if near else "；请写市名或“市名＋区县名”，如武汉市江夏区"
            raise _role_fault("districts", "地区", text[:40], f"没有找到地区“{text[:40]}”{hint}。", near)
        names.append(place.full_name)
    return tuple(dict.fromkeys(names))


def _role_fault(field: str, label: str, found: str, says: str, suggestion: str | None = None) -> FaultyError:
    return FaultyError(says, [Fault(field, label, found, says, suggestion)])
