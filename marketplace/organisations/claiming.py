"""People ask to speak for an organisation by its credit code; a reviewer decides."""

from __future__ import annotations

from marketplace.access import REVIEWER, ROLES, Viewer, require
from marketplace.audit import record_action
from marketplace.errors import FaultyError, ForbiddenError, NotFoundError, RefusedError
from marketplace.notices import accounts_with, notify
from marketplace.organisations.kinds import roles_for
from marketplace.organisations.merging import SUBJECT, MergeDesk
from marketplace.organisations.naming import fold_name
from marketplace.organisations.pages import ClaimPage, ClaimView, OrganisationView, view_organisation
from marketplace.organisations.reach import MISSING, in_reach
from marketplace.records import Fault
from marketplace.records.personal import find_personal
from marketplace.regions import city_of
from marketplace.store import Database, transaction
from marketplace.store.accounts import MembershipRow, account_names, load_account, save_membership
from marketplace.store.claims import (
    APPROVED,
    ASKED,
    REFUSED,
    ClaimRow,
    claims_by,
    insert_claim,
    load_claim,
    open_claims,
    settle_claim,
)
from marketplace.store.organisations import (
    OrganisationRow,
    confirm_postings,
    count_postings,
    holder_of_code,
    load_organisation,
    postings_of,
    search_organisations,
    update_organisation,
)
from marketplace.taxonomies import check_credit_code, credit_code_fault

_FOUND, _MAX_NOTE, _LEAST = 20, 500, 2


class ClaimDesk(MergeDesk):
    """Takes claims and lets reviewers decide them."""

    def claim_page(self, viewer: Viewer, text: str = "") -> ClaimPage:
        """Return the organisations a name or code finds that the viewer does not belong to, and the own claims."""
        if not viewer.signed_in:
            raise ForbiddenError("认领单位须先登录。")
        db, text = self._keeper.db, " ".join(text.split())
        rows: list[OrganisationRow] = []
        # One character would list half of all names.
        if len(text) >= _LEAST:
            rows, _ = search_organisations(db, text=text, folded=fold_name(text), limit=_FOUND + 1)
        counts = count_postings(db, [row.key for row in rows])
        found = tuple(view_organisation(row, counts.get(row.key, 0)) for row in rows if not viewer.owns(row.key))
        own = tuple(self._claim_view(db, viewer, row) for row in claims_by(db, viewer.account_key))
        return ClaimPage(text, found[:_FOUND], len(rows) > _FOUND, own)

    def claimable(self, viewer: Viewer, key: int) -> OrganisationView:
        """Return the organisation that a claim is about to be asked for.

        Raises NotFoundError when there is none, RefusedError for the viewer's own.
        """
        row = load_organisation(self._keeper.db, key) if viewer.signed_in else None
        if row is None:
            raise NotFoundError(MISSING)
        _refuse_member(viewer, row)
        return view_organisation(row, count_postings(self._keeper.db, [row.key]).get(row.key, 0))

    def ask_claim(self, viewer: Viewer, organisation_key: int, credit_code: str, note: str) -> int:
        """Ask to speak for an organisation; return the key of the claim.

        Raises FaultyError field by field (credit_code, note), RefusedError when there is nothing to ask.
        """
        if not viewer.signed_in:
            raise ForbiddenError("认领单位须先登录。")
        db = self._keeper.db
        note = note.strip()
        faults = _claim_faults(credit_code, note)
        if faults:
            raise FaultyError(faults[0].sentence, faults)
        code = check_credit_code(credit_code).code
        with transaction(db):
            row = load_organisation(db, organisation_key)
            if row is None:
                raise NotFoundError(MISSING)
            _refuse_member(viewer, row)
            if row.credit_code and row.credit_code != code:
                says = f"填写的代码与“{row.name}”登记的统一社会信用代码不一致；请核对营业执照或法人证书。"
                raise FaultyError(says, [Fault("credit_code", "统一社会信用代码", code, says)])
            if any(one.state == ASKED and one.organisation_key == row.key for one in claims_by(db, viewer.account_key)):
                raise RefusedError(f"您已申请认领“{row.name}”，正在等待审核，不用重复申请。")
            key = insert_claim(db, row.key, viewer.account_key, code, note)
            record_action(db, viewer, "organisation.claim_asked", SUBJECT, row.key, 单位=row.name, 代码=code)
            notify(
                db, accounts_with(db, REVIEWER, city_of(row.district) if row.district else "", row.district),
                kind="organisation", title=f"有人申请认领“{row.name}”", body="请核对身份材料后办理。",
                link="/admin/organisations/claims", reason="您是负责该地区的审核员。",
            )  # fmt: skip
        return key

    def claims(self, viewer: Viewer) -> tuple[ClaimView, ...]:
        """Return the open claims on organisations the reviewer serves, oldest first."""
        require(viewer, REVIEWER)
        db = self._keeper.db
        found = []
        for claim in open_claims(db):
            row = load_organisation(db, claim.organisation_key)
            if row is not None and in_reach(viewer, row):
                found.append(self._claim_view(db, viewer, claim))
        return tuple(found)

    def decide_claim(self, viewer: Viewer, claim_key: int, *, approve: bool, reason: str = "") -> str:
        """Approve or refuse a claim and tell its asker; return the name of the organisation.

        An approved claim makes the asker a member and takes 代填 off the organisation's postings. Raises
        FaultyError (field reason) for a refusal without reason, RefusedError when it cannot be decided so.
        """
        require(viewer, REVIEWER)
        db, reason = self._keeper.db, reason.strip()
        if not approve and not reason:
            says = "没有填写不通过的原因；申请人要凭它补充材料。"
            raise FaultyError(says, [Fault("reason", "原因", "", says)])
        with transaction(db):
            claim = load_claim(db, claim_key)
            row = load_organisation(db, claim.organisation_key) if claim else None
            if claim is None or row is None or not in_reach(viewer, row):
                raise NotFoundError("没有找到这份认领申请，可能是链接有误。")
            if claim.state != ASKED:
                raise RefusedError("这份认领申请已经办过，没有改动。")
            if claim.account_key == viewer.account_key:
                raise ForbiddenError("不能审核自己的认领申请；请由另一位审核员办理。")
            if approve:
                self._approve(db, viewer, claim, row)
            else:
                record_action(db, viewer, "organisation.claim_refused", SUBJECT, row.key, 单位=row.name, 原因=reason)
            settle_claim(
                db, claim.key, state=APPROVED if approve else REFUSED, decided_by=viewer.account_key, reason=reason
            )
            notify(
                db, [claim.account_key], kind="organisation",
                title=f"认领“{row.name}”的申请{'已通过' if approve else '未通过'}",
                body=reason or "您现在可以用这个单位的身份办理。", link="/organisations/claim",
                reason="您提交了这份认领申请。",
            )  # fmt: skip
        return row.name

    def _approve(self, db: Database, viewer: Viewer, claim: ClaimRow, row: OrganisationRow) -> None:
        account = load_account(db, claim.account_key)
        if account is None:
            raise RefusedError("申请人的账号已不存在；请按不通过办理。")
        holder = holder_of_code(db, claim.credit_code, row.key)
        if holder is not None:
            raise RefusedError(f"代码 {claim.credit_code} 已属于“{holder.name}”；请先核对，必要时合并两个单位后再办。")
        if row.credit_code and row.credit_code != claim.credit_code:
            raise RefusedError(f"申请填写的代码与“{row.name}”现在登记的不一致；请按不通过办理。")
        update_organisation(db, row.key, claimed=True, credit_code=claim.credit_code)
        roles = roles_for(row.kind, frozenset(one["kind"] for one in postings_of(db, row.key)))
        for role in roles:
            save_membership(db, MembershipRow(account.key, role, row.key))
            record_action(
                db, viewer, "role.granted", "account", account.key, 登录名=account.login, 身份=ROLES[role],
                单位=row.name,
            )  # fmt: skip
        confirmed = confirm_postings(db, row.key)
        record_action(
            db, viewer, "organisation.claim_approved", SUBJECT, row.key, 单位=row.name, 登录名=account.login,
            确认条目=confirmed,
        )  # fmt: skip

    def _claim_view(self, db: Database, viewer: Viewer, row: ClaimRow) -> ClaimView:
        organisation = load_organisation(db, row.organisation_key)
        if organisation is None:
            raise NotFoundError(MISSING)
        holder = holder_of_code(db, row.credit_code, organisation.key)
        return ClaimView(
            row.key, view_organisation(organisation), row.account_key,
            account_names(db, [row.account_key]).get(row.account_key, ""), row.credit_code, row.note, row.state, row.at,
            row.reason, holder.name if holder else "", row.account_key == viewer.account_key,
        )  # fmt: skip


def _refuse_member(viewer: Viewer, row: OrganisationRow) -> None:
    if viewer.owns(row.key):
        raise RefusedError(f"您已经是“{row.name}”的成员，不用再认领。")


def _claim_faults(credit_code: str, note: str) -> list[Fault]:
    faults = []
    fault = credit_code_fault(credit_code) if credit_code.strip() else "没有填写统一社会信用代码；认领须凭代码办理。"
    if fault:
        faults.append(Fault("credit_code", "统一社会信用代码", credit_code.strip()[:40], fault))
    if len(note) > _MAX_NOTE:
        says = f"说明有 {len(note)} 个字；不超过 {_MAX_NOTE} 个字。"
        faults.append(Fault("note", "说明", note[:40], says))
    if find_personal(note):
        says = "说明里有手机号、邮箱等个人信息；请删去，审核员会按账号联系您。"
        faults.append(Fault("note", "说明", "", says))
    return faults
