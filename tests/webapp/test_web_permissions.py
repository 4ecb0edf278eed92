"""Every route, asked by everyone: the table says who gets in, who is told no, and for whom it does not exist.

The table is written by hand and not taken from the guards. A person who is in none of a row's groups must be
refused (403); a visitor is sent to sign in unless the row is public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from permission_site import PEOPLE, VISITOR, Base, address_of, ask, build
from werkzeug.routing import Rule

from matching import MatchingSettings

EVERYONE = frozenset(PEOPLE)
OWNERS = frozenset({"agency", "other_agency", "company", "other_company"})
COMPANIES = frozenset({"company", "other_company"})
REVIEWERS = frozenset({"reviewer", "far_reviewer"})
WRITERS = OWNERS | REVIEWERS
IMPORTERS = WRITERS | {"admin"}
REGISTRARS = REVIEWERS | {"admin"}
# Organisations of another district do not exist for a reviewer.
NEAR_REGISTRARS = REGISTRARS - {"far_reviewer"}


@dataclass(frozen=True)
class Row:
    """Who gets in; ``hidden`` are those for whom what belongs to others does not exist.

    ``part`` names what the address is about; ``query`` and ``form`` are what a request cannot do without.
    """

    passes: frozenset[str]
    hidden: frozenset[str] = frozenset()
    public: bool = False
    part: str = ""
    query: str = ""
    form: Mapping[str, str] = field(default_factory=dict)


def public(part: str = "", query: str = "") -> Row:
    return Row(EVERYONE, public=True, part=part, query=query)


def only(people: Iterable[str], part: str = "", *, hidden: Iterable[str] = (), query: str = "", **form: str) -> Row:
    passes = frozenset(people)
    return Row(passes, frozenset(hidden) - passes, part=part, query=query, form=form)


ALL, ADMIN, SECURITY = only(EVERYONE), {"admin"}, {"security"}
COUNTERS = {"agency", "other_agency", "matchmaker", *REVIEWERS, *ADMIN}
OWN_DRAFT = only({"agency"}, "draft", hidden=WRITERS)
OWN_IMPORT = only({"agency", "reviewer", *ADMIN}, "import", hidden=IMPORTERS)
OWN_POSTING = only({"agency", "reviewer"}, "need", hidden=WRITERS)
SENT = only({"reviewer"}, "sent", hidden=REVIEWERS)
CONTACT = only({"agency", "matchmaker", "reviewer"}, "need", hidden=WRITERS)
JOB = only({"agency", *REVIEWERS, *ADMIN}, "job", hidden=EVERYONE)
PAIRING = only({"agency", "company", "matchmaker", "reviewer"}, "pairing", hidden=OWNERS | REVIEWERS)
ACCOUNT = {"part": "account"}
TABLE: Mapping[str, Row] = {
    # Anyone.
    "home.index": public(),
    "help.index": public(),
    "search.index": public(),
    "status.index": public(),
    "status.healthz": public(),
    "status.readyz": public(),
    "preferences.index": public(),
    "benchmarks.index": public(),
    "benchmarks.detail": public("year"),
    "benchmarks.history": public(),
    **{
        f"benchmarks.{name}": public("year")
        for name in ("rules", "notice", "object_to", "result", "record", "dossier", "dossier_file")
    },
    "opportunities.index": public(),
    "opportunities.detail": public("need"),
    "capabilities.index": public(),
    "capabilities.detail": public("offer"),
    "feeds.index": public(),
    "api.index": public(),
    "api.listing": public(),
    "api.detail": public("need"),
    "api.check": public(),
    "outputs.list_file": public(),
    "outputs.template": public(),
    "outputs.handbook": public(),
    "outputs.handbook_file": public(),
    "outputs.open_data": public(),
    "outputs.open_data_file": public(),
    "account.sign_in": public(),
    "account.enter": public(),
    "account.sign_out": public(),
    # Whoever holds the letter.
    "subscriptions.stop_page": public("stop"),
    "subscriptions.stop_signed": public("stop"),
    # A pair of the agency's need and the company's capability, where rankings are not public.
    "pairs.detail": only({"agency", "company", "matchmaker", "reviewer"}, "need"),
    # What became of needs, and whom pages show.
    "funnel.index": only(COUNTERS),
    "funnel.workbook": only(COUNTERS),
    "funnel.needs": only(COUNTERS),
    "exposure.index": only({"matchmaker", *ADMIN}),
    # One's own word on a pair that one may see.
    "pairs.judge": only({"agency", "company", "matchmaker", "reviewer"}, "need", hidden=EVERYONE, verdict="useful"),
    "pairs.unjudge": only({"agency", "company", "matchmaker", "reviewer"}, "need", hidden=EVERYONE),
    # A matchmaker's word against the machine, the desk, and what waits.
    "pairs.correct": only({"matchmaker"}, "need"),
    "pairs.override": only({"matchmaker"}, "need"),
    "pairs.withdraw": only({"matchmaker"}, "correction"),
    **{f"desk.{name}": only({"matchmaker"}) for name in ("index", "board", "listing", "workload")},
    **{f"desk.{name}": only({"matchmaker"}) for name in ("bring_back", "assign")},
    "desk.begin": only({"matchmaker"}, "need"),
    "desk.put_aside": only({"matchmaker"}, "need"),
    "desk.note": only({"matchmaker"}, "pairing"),
    "waiting.index": only({"matchmaker", *REVIEWERS}),
    "waiting.file": only({"matchmaker", *REVIEWERS}),
    # Everyone who is signed in, about himself.
    "account.index": ALL,
    "account.password": ALL,
    "account.change_password": ALL,
    "account.act": only(OWNERS, hidden=EVERYONE, organisation="own"),
    "account.mail": ALL,
    "account.keep_mail": ALL,
    "account.confirm_mail": ALL,
    "account.remove_mail": ALL,
    "subscriptions.index": ALL,
    "subscriptions.new": only(OWNERS, hidden=EVERYONE, query="subject=opportunities"),
    "subscriptions.subscribe": only(OWNERS, hidden=EVERYONE, subject="opportunities", frequency="weekly"),
    **dict.fromkeys(
        ("subscriptions.detail", "subscriptions.change", "subscriptions.stop"),
        only({"agency"}, "subscription", hidden=EVERYONE),
    ),
    "subscriptions.new_search": only(EVERYONE, query="kind=opportunities"),
    "subscriptions.save_search": only(EVERYONE, kind="opportunities"),
    **dict.fromkeys(
        ("subscriptions.search", "subscriptions.rename", "subscriptions.delete_search"),
        only({"agency"}, "search", hidden=EVERYONE),
    ),
    "inbox.index": ALL,
    "inbox.read_all": ALL,
    "inbox.read": only({"agency"}, "notice", hidden=EVERYONE),
    "jobs.index": ALL,
    "jobs.detail": JOB,
    "jobs.retry": JOB,
    "my.index": ALL,
    "organisations.claim": ALL,
    "organisations.claim_form": only(EVERYONE, "claimable"),
    "organisations.ask": only(EVERYONE, "claimable"),
    "outputs.own_list": only(OWNERS, hidden=EVERYONE),
    "outputs.like_import": only({"agency", "reviewer", *ADMIN}, "done_import", hidden=EVERYONE),
    # Own postings and texts.
    "my.posting": OWN_POSTING,
    "my.history": OWN_POSTING,
    "my.confirm": OWN_POSTING,
    "my.take_off": OWN_POSTING,
    "my.put_back": OWN_POSTING,
    "my.recall": OWN_POSTING,
    "my.revise": only({"agency"}, "need", hidden=WRITERS),
    "contacts.detail": CONTACT,
    "contacts.reveal": CONTACT,
    "drafts.new": only(WRITERS, query="kind=own"),
    "drafts.create": only(OWNERS, hidden=WRITERS, kind="own", organisation="own"),
    # Not sent yet: the reviewer reads it from then on, see below.
    "drafts.detail": OWN_DRAFT,
    "drafts.step": OWN_DRAFT,
    "drafts.save": OWN_DRAFT,
    "drafts.submit": OWN_DRAFT,
    "drafts.recall": OWN_DRAFT,
    "drafts.discard": OWN_DRAFT,
    # Answers: a company sees its own alone, the agency and the matchmaker see all.
    "answers.form": only(COMPANIES, "need"),
    "answers.save": only(COMPANIES, "need"),
    "answers.withdraw": only({"company"}, "need", hidden=COMPANIES),
    "answers.mine": only(COMPANIES),
    "answers.table": only({"agency", "matchmaker"}, "need", hidden=OWNERS - COMPANIES),
    "answers.set_rules": only({"agency"}, "need", hidden={"other_agency", "matchmaker"}),
    "answers.pair": only({"agency", "matchmaker"}, "intent", hidden={"other_agency"}),
    "consents.detail": only({"agency", "company", "matchmaker"}, "answer pairing", hidden=OWNERS),
    "consents.decide": only({"agency", "company", "matchmaker"}, "answer pairing", hidden=OWNERS),
    "consents.reveal": only({"agency", "company"}, "answer pairing", hidden=OWNERS | {"matchmaker"}),
    "questions.index": public("need"),
    "questions.ask": only(COMPANIES, "need"),
    "questions.answer": only({"agency"}, "question", hidden={"other_agency", "matchmaker"}),
    "questions.send_back": only({"agency"}, "question", hidden={"other_agency", "matchmaker"}),
    # Pairings: both sides and the office of the district; for others there are none.
    "pairings.index": only(OWNERS | REVIEWERS | {"matchmaker"}),
    "pairings.detail": PAIRING,
    "pairings.file": PAIRING,
    "pairings.new": only({"matchmaker"}),
    "pairings.add": only({"matchmaker"}),
    "pairings.begin": only({"matchmaker"}, opportunity="need", capability="offer"),
    "pairings.move": only({"agency", "matchmaker"}, "pairing", hidden={"other_agency", "other_company"}),
    **{
        f"pairings.{name}": only({"agency", "company", "matchmaker"}, "pairing", hidden=OWNERS)
        for name in ("fail", "undo", "note", "effect", "attach")
    },
    **{
        f"pairings.{name}": only({"matchmaker"}, "pairing") for name in ("pause", "resume", "assign", "step", "revisit")
    },
    # The benchmark: set up, flagged, applied for, carried out, scored.
    "year_books.index": only({"admin", "reviewer"}),
    "year_books.create": only({"admin", "reviewer"}),
    **{f"year_books.{name}": only({"admin", "reviewer"}, "year") for name in ("detail", "save", "open_call")},
    "candidates.index": only({"matchmaker", *REGISTRARS}),
    "candidates.facts": only({"matchmaker", "reviewer"}, hidden={"far_reviewer"}),
    "candidates.note": only({"matchmaker", "reviewer"}, hidden={"far_reviewer"}),
    "applications.index": only(OWNERS),
    "applications.begin": only(OWNERS, year="2026", landing="LD-2026-01", organisation="own"),
    **{
        f"applications.{name}": only({"agency"}, "case", hidden=OWNERS)
        for name in ("detail", "save", "withdraw", "attach", "remove_document")
    },
    "applications.document": only({"agency", "reviewer", "expert"}, "case", hidden=OWNERS | {"far_reviewer"}),
    "selection.index": only({"reviewer"}),
    **{
        f"selection.{name}": only({"reviewer"}, "year")
        for name in ("board", "start", "close", "publish", "freeze", "panel", "add_expert", "tie", "objections",
                     "evidence", "answer", "after", "correct", "aftermath", "certificates", "extend")
    },
    **{
        f"selection.{name}": only({"reviewer"}, "case")
        for name in ("case", "decide", "assign", "release", "second_round")
    },
    "selection.untie": only({"reviewer"}, "tie"),
    "selection.scores": only({"reviewer", "auditor"}, "year"),
    "scoring.index": only({"expert"}),
    **{f"scoring.{name}": only({"expert"}, "case") for name in ("sheet", "save", "recuse")},
    # Lists on their way in.
    "imports.index": only(IMPORTERS),
    "imports.new": only(IMPORTERS),
    "imports.upload": only(IMPORTERS),
    **{
        f"imports.{name}": OWN_IMPORT
        for name in ("detail", "columns", "choose", "check", "mend", "decide", "confirm", "start", "result",
                     "drop", "undo")
    },
    # The own workbook holds contacts in full: those who see the import for others do not get the file.
    "imports.annotated": only({"agency"}, "import", hidden=OWNERS | {"far_reviewer"}),
    # Review and publication.
    "review.index": only(REVIEWERS),
    "review.approve_many": only(REVIEWERS),
    "review.return_many": only(REVIEWERS),
    "review.detail": SENT,
    "review.approve": SENT,
    "review.send_back": SENT,
    "review.publish": SENT,
    "batches.index": only(REVIEWERS),
    "batches.new": only(REVIEWERS, query="kind=opportunity"),
    "batches.publish": only(REVIEWERS, kind="opportunity"),
    "batches.detail": only(REVIEWERS, "batch"),
    "batches.recall": only(REVIEWERS, "batch"),
    # Organisations.
    "organisations.index": only(REGISTRARS | SECURITY),
    "organisations.detail": only(NEAR_REGISTRARS | SECURITY, "organisation", hidden=REGISTRARS),
    "organisations.new": only(REGISTRARS),
    "organisations.add": only(REGISTRARS),
    "organisations.edit": only(NEAR_REGISTRARS, "organisation", hidden=REGISTRARS),
    "organisations.change": only(NEAR_REGISTRARS, "organisation", hidden=REGISTRARS),
    "organisations.verify": only(NEAR_REGISTRARS, "organisation", hidden=REGISTRARS),
    "organisations.lookalikes": only(REGISTRARS),
    "organisations.merge": only(NEAR_REGISTRARS, "organisation", hidden=REGISTRARS),
    "organisations.undo": only(REGISTRARS, "merge"),
    "organisations.claims": only(REVIEWERS),
    "organisations.decide": only({"reviewer"}, "claim", hidden=REVIEWERS, decision="approve"),
    # System, security and audit are separate duties.
    "accounts.index": only(ADMIN | SECURITY),
    "accounts.detail": only(ADMIN | SECURITY, **ACCOUNT),
    "accounts.new": only(ADMIN),
    "accounts.add": only(ADMIN),
    "accounts.disable": only(ADMIN, **ACCOUNT),
    "accounts.enable": only(ADMIN, **ACCOUNT),
    "accounts.grant": only(SECURITY, **ACCOUNT),
    "accounts.revoke": only(SECURITY, "account", role="expert"),
    "accounts.reset": only(SECURITY, **ACCOUNT),
    "accounts.unlock": only(SECURITY, **ACCOUNT),
    "audit.index": only({"auditor"}),
    "audit.export": only({"auditor"}),
    "taxonomies.index": only(ADMIN),
    "taxonomies.detail": only(ADMIN),
    "taxonomies.new": only(ADMIN),
    "taxonomies.add": only(ADMIN),
    "taxonomies.edit": only(ADMIN),
    "taxonomies.change": only(ADMIN),
    "taxonomies.end": only(ADMIN),
}
FORBIDDEN, MISSING = {"403"}, {"404"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, background_file: Path) -> Base:
    """The stocked site, made once."""
    folder = tmp_path_factory.mktemp("permissions")
    settings = MatchingSettings(Path(__file__).resolve().parents[2] / "data", background_file.parent)
    return build(folder / "base", settings)


def rules_of(app: Flask) -> dict[str, Rule]:
    return {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"}


def test_the_table_names_every_route_and_no_other(base: Base) -> None:
    assert set(TABLE) == set(rules_of(base.app))


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", TABLE)
def test_who_may_ask(base: Base, tmp_path: Path, endpoint: str) -> None:
    row = TABLE[endpoint]
    rule = rules_of(base.app)[endpoint]
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    app = base.open(tmp_path / "refused") if method == "POST" else base.read()
    address = address_of(rule, base.parts, row.part, row.query)
    visitor = ask(base, app, VISITOR, method, address)
    if row.public:
        assert visitor == "in"
    else:
        assert visitor == ("403" if endpoint == "pairs.detail" else "login")
    for person in sorted(EVERYONE - row.passes):
        expected = MISSING if person in row.hidden else FORBIDDEN
        assert {ask(base, app, person, method, address, row.form)} == expected, person
    for place, person in enumerate(sorted(row.passes)):
        # What one person changes must not decide about the next.
        own = base.open(tmp_path / f"passed-{place}") if method == "POST" else app
        assert ask(base, own, person, method, address, row.form) == "in", person


@pytest.mark.parametrize("endpoint", [name for name, row in TABLE.items() if row.part not in ("", "year")])
def test_a_guessed_number_is_no_record(base: Base, tmp_path: Path, endpoint: str) -> None:
    row = TABLE[endpoint]
    rule = rules_of(base.app)[endpoint]
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    app = base.open(tmp_path / "site") if method == "POST" else base.read()
    parts = dict.fromkeys(base.parts, 1_234_567_890_123_456)
    for person in sorted(row.passes):
        found = ask(base, app, person, method, address_of(rule, parts, row.part, row.query), row.form)
        assert found == "404", (person, found)


@pytest.mark.parametrize(
    ("opportunity", "capability", "expected"),
    [
        ("need", "offer", "403"),
        ("need", "withdrawn offer", "404"),
        ("need", "1234567890123456", "404"),
        ("1234567890123456", "offer", "404"),
        ("need", "need", "404"),
        ("draft", "offer", "404"),
    ],
)
def test_a_pairing_is_forbidden_only_where_both_postings_may_be_known(
    base: Base, tmp_path: Path, opportunity: str, capability: str, expected: str
) -> None:
    app = base.open(tmp_path / "site")
    form = {"opportunity": opportunity, "capability": capability}
    assert ask(base, app, "far_matchmaker", "POST", "/pairings/open", form) == expected


@pytest.mark.parametrize("endpoint", ["drafts.detail", "drafts.step", "review.detail"])
def test_a_text_is_there_for_the_reviewer_of_its_district_once_it_was_sent(
    base: Base, endpoint: str
) -> None:
    app = base.read()
    rule = rules_of(app)[endpoint]
    for part, expected in (("draft", "404"), ("sent", "in")):
        address = address_of(rule, base.parts, part, "")
        assert ask(base, app, "reviewer", "GET", address) == expected
        assert ask(base, app, "far_reviewer", "GET", address) == "404"
