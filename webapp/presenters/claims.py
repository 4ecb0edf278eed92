"""Claims: finding and claiming an organisation, and deciding what was claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace import Fault
from marketplace.organisations import ClaimPage, ClaimView, OrganisationView
from webapp.presenters import figures
from webapp.presenters.cards import Fact
from webapp.presenters.forms import FaultLine, FormField, errors_by_field, fault_lines
from webapp.presenters.labels import Label
from webapp.presenters.organisations import SECTION, crumbs, facts_of
from webapp.presenters.page import Context, Crumb, Head

_TITLE = "认领单位"
_STATES = {"asked": Label("待审核", "info"), "approved": Label("已通过", "good"), "refused": Label("未通过", "poor")}


@dataclass(frozen=True, slots=True)
class FoundLine:
    """An organisation that may be claimed."""

    name: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A claim of one's own."""

    name: str
    state: Label
    moment: str
    reason: str


@dataclass(frozen=True)
class ClaimContext(Context):
    """The search for an organisation, and the own claims."""

    template: ClassVar[str] = "organisations/claim.html"

    text: str
    found: tuple[FoundLine, ...]
    more: bool
    action: str
    claims: tuple[OwnClaim, ...]


@dataclass(frozen=True)
class ClaimFormContext(Context):
    """The form to claim one organisation."""

    template: ClassVar[str] = "organisations/claim_form.html"

    name: str
    facts: tuple[Fact, ...]
    faults: tuple[FaultLine, ...]
    fields: tuple[FormField, ...]
    action: str
    back_url: str


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """One claim to decide; without ``action`` it is the viewer's own."""

    key: int
    name: str
    url: str
    facts: tuple[Fact, ...]
    note: str
    clash: str
    reason: FormField
    action: str


@dataclass(frozen=True)
class ClaimsContext(Context):
    """The claims that wait."""

    template: ClassVar[str] = "organisations/claims.html"

    faults: tuple[FaultLine, ...]
    cards: tuple[ClaimCard, ...]


def present_claim(page: ClaimPage) -> ClaimContext:
    """The context of the search and the own claims."""
    return ClaimContext(
        head=Head(_TITLE, "用统一社会信用代码认领单位。", _crumbs()),
        text=page.text,
        found=tuple(
            FoundLine(one.name, _note(one), url_for("organisations.claim_form", key=one.key)) for one in page.found
        ),
        more=page.more,
        action=url_for("organisations.claim"),
        claims=tuple(
            OwnClaim(one.organisation.name, _STATES[one.state], figures.moment(one.at), one.reason)
            for one in page.claims
        ),
    )


def present_claim_form(
    one: OrganisationView, typed: Mapping[str, str] | None = None, faults: Sequence[Fault] = ()
) -> ClaimFormContext:
    """The context of the form, after a refusal with what was typed."""
    values, errors = typed or {}, errors_by_field(faults)
    return ClaimFormContext(
        head=Head(f"认领“{one.name}”", "填写统一社会信用代码。", _crumbs(one.name)),
        name=one.name,
        facts=(*facts_of(one)[:1], *facts_of(one)[2:3], Fact("清单条目", f"{one.postings} 条")),
        faults=fault_lines(faults),
        fields=(
            FormField(
                "f-credit_code", "credit_code", "统一社会信用代码", values.get("credit_code", ""), required=True,
                hint="营业执照或法人证书上的 18 位代码", error=errors.get("credit_code", ""), max_length=40,
            ),
            FormField(
                "f-note", "note", "说明", values.get("note", ""), kind="area", error=errors.get("note", ""),
                hint="材料交到哪里、您的部门等；不要写手机号和邮箱",
            ),
        ),
        action=url_for("organisations.ask", key=one.key),
        back_url=url_for("organisations.claim"),
    )  # fmt: skip


def present_claims(claims: Sequence[ClaimView], refused: int = 0, faults: Sequence[Fault] = ()) -> ClaimsContext:
    """The context of the claims that wait; ``refused`` is the one whose decision was sent back with ``faults``."""
    lines = tuple(FaultLine(one.sentence, f"#f-{one.field}-{refused}") for one in faults)
    errors = errors_by_field(faults)
    return ClaimsContext(
        head=Head("认领申请", "等待审核的认领申请。", crumbs("认领申请"), SECTION),
        faults=lines,
        cards=tuple(_card(one, errors.get("reason", "") if one.key == refused else "") for one in claims),
    )


def _card(claim: ClaimView, error: str) -> ClaimCard:
    own = claim.organisation
    moment = figures.moment(claim.at)
    asked = (Fact("申请人", claim.asker), Fact("填写的代码", claim.credit_code), Fact("申请时间", moment))
    return ClaimCard(
        key=claim.key,
        name=own.name,
        url=url_for("organisations.detail", key=own.key),
        facts=(*asked, *facts_of(own)),
        note=claim.note,
        clash=claim.clash,
        reason=FormField(
            f"f-reason-{claim.key}", "reason", "原因", hint="不通过时必填，会发给申请人", error=error, max_length=300
        ),
        action="" if claim.own else url_for("organisations.decide", key=claim.key),
    )


def _note(one: OrganisationView) -> str:
    words = (one.kind_label, one.district, f"清单 {one.postings} 条", "已有人认领" if one.claimed else "")
    return "，".join(filter(None, words))


def _crumbs(*steps: str) -> tuple[Crumb, ...]:
    above = url_for("organisations.claim") if steps else None
    return (
        Crumb("首页", url_for("home.index")), Crumb("我的账号", url_for("account.index")), Crumb(_TITLE, above),
        *map(Crumb, steps),
    )  # fmt: skip
