"""Pairings as people work with them; every method takes the viewer first."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from marketplace.access import MATCHMAKER, Viewer, require
from marketplace.desk import DeskKeeper
from marketplace.errors import ForbiddenError, NotFoundError, RefusedError
from marketplace.exporting import OutputFile
from marketplace.followup import assigning, moving, noting, revisiting, undoing
from marketplace.followup.attachments import MEDIA_TYPES, Upload, read_attachment
from marketplace.followup.facts import EffectTyped, read_note
from marketplace.followup.listing import list_page
from marketplace.followup.moving import MoveForm, StopForm
from marketplace.followup.noting import StepForm
from marketplace.followup.opening import NO_POSTING, load_pair, open_pairing
from marketplace.followup.pages import PairingList, PairingPage, PairingQuery
from marketplace.followup.reasons import TAXONOMY, Reason, read_reasons
from marketplace.followup.revisiting import RevisitForm
from marketplace.followup.rights import as_seen, is_taken_up, place_of, require_neutral, see, serves_pair
from marketplace.followup.viewing import build_page
from marketplace.pages import PairLink
from marketplace.records import SIDE_NAMES
from marketplace.settings import MarketSettings
from marketplace.sight import Sight
from marketplace.stages import STAGES
from marketplace.states import VISIBLE
from marketplace.store import PostingRow
from marketplace.store.database import transaction
from marketplace.store.matches import find_match
from marketplace.store.pairing_events import load_pairing_files
from marketplace.store.pairings import open_pairing_of, pairings_between
from marketplace.store.postings import find_keys, load_rows
from marketplace.store.taxonomies import all_terms
from marketplace.terms import TermDesk
from matching import Band, Side


class PairingBook:
    """Every pairing from its opening to the last revisit."""

    def __init__(self, keeper: DeskKeeper, settings: MarketSettings) -> None:
        self._keeper, self._settings = keeper, settings
        self._terms = TermDesk(keeper, settings)

    def open(self, viewer: Viewer, opportunity_key: int, capability_key: int, *, note: str = "") -> int:
        """Open the pairing of a pair, or find the open one; return its key.

        Raises ForbiddenError for all but matchmakers of the district, NotFoundError for a posting the viewer may not
        know of, RefusedError for one of the district that is not public, CapError.
        """
        require(viewer, MATCHMAKER)
        db = self._keeper.db
        need, offer = load_pair(db, opportunity_key, capability_key)
        for row in (need, offer):
            if not self._may_know(viewer, row):
                raise NotFoundError(NO_POSTING[row.posting.side])
        require_neutral(viewer, need, offer)
        if not serves_pair(viewer, need, offer):
            raise ForbiddenError("这两条清单都不在您负责的区域，不能建立对接。")
        said, faults = read_note(note)
        if faults:
            raise RefusedError(faults[0].sentence)
        found = find_match(db, need.key, offer.key)
        origin = "match" if found is not None and found.band is not Band.NONE else "hand"
        with transaction(db):
            return open_pairing(
                db, self._settings, viewer, opportunity_key, capability_key, origin=origin, note=said
            )  # fmt: skip

    def _may_know(self, viewer: Viewer, row: PostingRow) -> bool:
        """Whether a posting is one the viewer can see on a list, or of the own district or organisation."""
        mine = viewer.serves(MATCHMAKER, *place_of(row)) or viewer.owns(row.organisation_key)
        return Sight(viewer).posting(row) and (mine or row.key in self._keeper.desk().postings)

    def open_by_number(self, viewer: Viewer, opportunity: str, capability: str, *, note: str = "") -> int:
        """Open the pairing of two postings named by their numbers; raises as ``open`` does, naming the field."""
        require(viewer, MATCHMAKER)
        keys = []
        for text, side in ((opportunity, Side.OPPORTUNITY), (capability, Side.CAPABILITY)):
            number = text.strip()
            found = [row.key for row in self._numbered(viewer, number, side)] if number else []
            if not found:
                told = f"发现“{number[:40]}”，没有这个编号" if number else "没有填写"
                example = "JH-2026-001" if side is Side.OPPORTUNITY else "NL-2026-001"
                raise RefusedError(f"“{SIDE_NAMES[side]}编号”：{told}；应为清单中的编号，如 {example}。")
            keys.append(found[0])
        return self.open(viewer, keys[0], keys[1], note=note)

    def _numbered(self, viewer: Viewer, number: str, side: Side) -> list[PostingRow]:
        """Return the postings of a number that this viewer may see."""
        db = self._keeper.db
        rows = load_rows(db, [found[0] for found in find_keys(db, number, side)])
        return [row for row in rows if self._may_know(viewer, row)]

    def beside(self, viewer: Viewer, need: PostingRow, offer: PostingRow) -> PairLink:
        """Return what the page of a pair says of its pairing: nothing to those whom it does not concern."""
        db = self._keeper.db
        if not viewer.signed_in:
            return PairLink()
        found = open_pairing_of(db, need.key, offer.key)
        rows = [found] if found else pairings_between(db, need.key, offer.key)[:1]
        may_open = found is None and serves_pair(viewer, need, offer)
        may_open = may_open and need.state in VISIBLE and offer.state in VISIBLE
        for row in rows:
            seen = as_seen(viewer, row, need, offer)
            if seen.office or seen.publisher or (seen.company and is_taken_up(row)):
                return PairLink(row.key, STAGES[row.stage], may_open)
        return PairLink(0, "", may_open)

    def page(self, viewer: Viewer, key: int) -> PairingPage:
        """Return one pairing; raises NotFoundError for everyone whom it does not concern."""
        db = self._keeper.db
        seen, reasons = see(db, viewer, key), self._reasons()
        shown = self._keeper.desk().postings.get(seen.need.key)
        seen = replace(seen, need=replace(seen.need, followed=shown.followed if shown else ""))
        labels = {code: one.label for code, one in reasons.items()}
        if seen.row.reason_code and seen.row.reason_code not in labels:
            # A reason that has ended since still reads as it did.
            labels |= {term.code: term.label for term in all_terms(db, TAXONOMY)}
        return build_page(db, self._settings, viewer, seen, reasons, labels, self._routes())

    def list_page(self, viewer: Viewer, query: PairingQuery) -> PairingList:
        """Return the pairings this viewer may see, the most urgent first."""
        return list_page(self._keeper.db, viewer, query)

    def move(self, viewer: Viewer, key: int, form: MoveForm) -> None:
        """Move a pairing on; see ``moving.move``."""
        moving.move(self._keeper.db, self._settings, viewer, key, form, self._routes())

    def pause(self, viewer: Viewer, key: int, form: StopForm) -> None:
        """Put a pairing aside for a coded reason."""
        moving.pause(self._keeper.db, self._settings, viewer, key, form, self._reasons())

    def resume(self, viewer: Viewer, key: int, stamp: int) -> None:
        """Bring a pairing back to the stage it was put aside from."""
        moving.resume(self._keeper.db, self._settings, viewer, key, stamp)

    def fail(self, viewer: Viewer, key: int, form: StopForm) -> None:
        """End a pairing for a coded reason."""
        moving.fail(self._keeper.db, self._settings, viewer, key, form, self._reasons())

    def undo(self, viewer: Viewer, key: int, stamp: int) -> str:
        """Take the last change of the stage back in its first minutes; return what it was called."""
        return undoing.undo(self._keeper.db, self._settings, viewer, key, stamp)

    def assign(self, viewer: Viewer, stamps: Mapping[int, int], account_key: int) -> int:
        """Give pairings, each with the stamp it was shown with, to a matchmaker; return how many changed hands."""
        return assigning.assign(self._keeper.db, viewer, stamps, account_key)

    def set_step(self, viewer: Viewer, key: int, form: StepForm) -> None:
        """Write the next step with its day and whose turn it is."""
        noting.set_step(self._keeper.db, viewer, key, form)

    def write_note(self, viewer: Viewer, key: int, text: str, audience: str = "office") -> None:
        """Write into the journal."""
        noting.write_note(self._keeper.db, viewer, key, text, audience)

    def record_effect(self, viewer: Viewer, key: int, lines: Sequence[EffectTyped], stamp: int) -> None:
        """Replace planned and real figures."""
        noting.record_effect(self._keeper.db, viewer, key, lines, stamp)

    def revisit(self, viewer: Viewer, key: int, form: RevisitForm) -> None:
        """Note what a revisit after landing found."""
        revisiting.revisit(self._keeper.db, viewer, key, form)

    def attach(self, viewer: Viewer, key: int, uploads: Sequence[Upload], note: str = "") -> int:
        """Keep files with a pairing; return how many are new."""
        return noting.attach(self._keeper.db, self._settings, viewer, key, uploads, note)

    def file(self, viewer: Viewer, key: int, file_key: int) -> OutputFile:
        """Return an attachment; raises NotFoundError for everyone whom the pairing does not concern."""
        db = self._keeper.db
        see(db, viewer, key)
        for one in load_pairing_files(db, key):
            if one.key == file_key:
                content = read_attachment(self._settings, one.stored_as, one.name)
                ending = one.stored_as.rpartition(".")[2]
                media, plain = MEDIA_TYPES.get(ending, "application/octet-stream"), f"attachment-{one.key}.{ending}"
                return OutputFile(one.name, plain, media, io.BytesIO(content), len(content))
        raise NotFoundError("没有找到这个附件，可能是链接有误，或已随撤销的操作取消。")

    def _reasons(self) -> dict[str, Reason]:
        return read_reasons(self._terms.book().terms(TAXONOMY))

    def _routes(self) -> tuple[str, ...]:
        return self._terms.book().labels("procurement_route")
