"""Pages over the marketplace: clean the arguments, ask once, present, render.

No SQL, no model and no index here; the packages below are entered through their front doors.
Every page works without JavaScript and under a policy that allows no inline code.
"""

from webapp.application import create_app
from webapp.engine import warm
from webapp.settings import WebSettingError, WebSettings, load_settings

__all__ = ["WebSettingError", "WebSettings", "create_app", "load_settings", "warm"]
