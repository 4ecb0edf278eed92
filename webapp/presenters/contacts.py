"""The protected contact of a posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from marketplace.contacts import ContactView
from webapp.presenters.forms import FaultLine, FormField
from webapp.presenters.page import Context, Crumb, Head


@dataclass(frozen=True)
class ContactContext(Context):
    """What is open, what is masked, the form that asks for it, and the answer."""

    template: ClassVar[str] = "contacts/detail.html"

    title: str
    office_phone: str
    masked: str
    revealed: str
    reason: FormField
    faults: tuple[FaultLine, ...]
    action_url: str


def present_contact(key: int, contact: ContactView) -> ContactContext:
    """The context of a contact page, before and after it was revealed."""
    return ContactContext(
        head=Head("联系方式", "受保护的联系方式。", (Crumb("首页", url_for("home.index")), Crumb("联系方式"))),
        title=contact.title,
        office_phone=contact.office_phone,
        masked=contact.masked,
        revealed=contact.revealed,
        reason=FormField(
            "f-reason", "reason", "查看事由", required=True, error=contact.fault,
            hint="事由、账号和时间会写入审计记录", example="核实供货周期",
        ),
        faults=(FaultLine(contact.fault, "#f-reason"),) if contact.fault else (),
        action_url=url_for("contacts.reveal", key=key),
    )  # fmt: skip
