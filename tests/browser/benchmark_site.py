"""The site over a market with landed pairs and people for every part of a round, for gunicorn on the test folders.

``OFFICE_FOLDER`` is an empty folder for the market. ``today`` in it is the day the round believes it to be, written by
the test; ``stock.json`` says afterwards who has which session cookie and which organisations own what.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from market_tools import Shop, sample_lines
from office import enter, make_account, make_organisation, office_app, office_market

import matching
from marketplace.selection import clock
from marketplace.store.database import transaction
from marketplace.store.landings import load_landings
from matching import MatchingSettings
from webapp import WebSettings

_NEEDS, _OFFERS = (1, 9, 13, 14, 17), (7, 21, 32, 70, 83)
FIRMS = ("武汉楚声智检科技有限公司（示例）", "武汉江城节能服务有限公司（示例）")

_folder = Path(os.environ["OFFICE_FOLDER"])
(_folder / "today").write_text("2026-08-20", encoding="utf-8")
clock.today = lambda: date.fromisoformat((_folder / "today").read_text(encoding="utf-8"))
_market = office_market(_folder, MatchingSettings(Path(matching.__file__).parents[1] / "data", _folder))
app = office_app(_market, WebSettings(sample_site=True, public_matches=True, organiser="某市科学技术局（示例）"))
_shop = Shop(_market.settings)
_shop.take(*sample_lines("opportunities", _NEEDS))
_shop.take(*sample_lines("capabilities", _OFFERS))
_shop.take(*sample_lines("landings", range(1, 6)), kind="landings")
_landings = load_landings(_shop.db)
_owned = {}
for _firm, (_, _offer, _raw) in zip(FIRMS, _landings, strict=False):
    _key = make_organisation(_market, _firm, "enterprise")
    with transaction(_shop.db):
        _shop.db.table("posting").update(_offer, {"organisation_key": _key})
    _owned[_firm] = _raw["id"]
make_organisation(_market, "江汉评审中心（示例）", "institute")
make_organisation(_market, "楚声集团（示例）", "enterprise")
_cookies, _accounts = {}, {}
_people = {
    "organiser": (["reviewer"], []), "admin": (["admin"], []), "firm1": (["company"], [FIRMS[0]]),
    "firm2": (["company"], [FIRMS[1]]), **{f"expert{number}": (["expert"], []) for number in range(1, 5)},
}  # fmt: skip
for _name, (_roles, _organisations) in _people.items():
    _login, _accounts[_name] = make_account(_market, roles=_roles, organisations=_organisations)
    _client = app.test_client()
    enter(_client, _login)
    _cookie = _client.get_cookie("scenematch")
    assert _cookie is not None
    _cookies[_name] = _cookie.value
(_folder / "stock.json").write_text(
    json.dumps({"cookies": _cookies, "accounts": _accounts, "landings": _owned}, ensure_ascii=False), encoding="utf-8"
)
