"""The web settings; the only place in this package that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketplace import mail_settings, rule_settings

PREFIX = "SCENEMATCH_"
# Settings that the packages below read for themselves; a name in none of the lists is refused.
OTHERS = frozenset(
    {"DATABASE", "DATA_DIR", "LOCAL_DIR", "ENCODER", "ENCODER_BACKEND", *rule_settings(), *mail_settings()}
)

_ALLOWED = {
    "bool_parsing": "true 或 false",
    "bool_type": "true 或 false",
    "int_parsing": "整数",
    "int_type": "整数",
    "string_too_long": "更短的文字",
    "string_too_short": "非空的文字",
    "greater_than_equal": "更大的数",
    "less_than_equal": "更小的数",
    "value_error": "用逗号分开的主机名，不带 http:// 和端口",
}

_BETWEEN = re.compile(r"[\s,，]+")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class WebSettingError(Exception):
    """A web setting cannot be used; the message is one Chinese sentence."""


class WebSettings(BaseSettings):
    """How this site presents itself; empty texts are simply not printed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    site_name: str = Field(default="场景对接", min_length=1, max_length=40)
    public_matches: bool = False
    sample_site: bool = False
    organiser: str = Field(default="", max_length=120)
    contact: str = Field(default="", max_length=200)
    icp: str = Field(default="", max_length=60)
    police_record: str = Field(default="", max_length=60)
    site_id: str = Field(default="", max_length=40)
    open_data_licence: str = Field(default="", max_length=500)
    https_only: bool = False
    proxies: int = Field(default=0, ge=0, le=3)
    trusted_hosts: str = Field(default="", max_length=2000)
    idle_minutes: int = Field(default=30, ge=1, le=1440)
    benchmark_year: int = Field(default_factory=lambda: date.today().year, ge=2000, le=2100)

    @field_validator("trusted_hosts")
    @classmethod
    def _as_names(cls, text: str) -> str:
        return ",".join(_host_name(name) for name in _BETWEEN.split(text) if name)

    @property
    def hosts(self) -> list[str] | None:
        """The host names this site answers to, None for any."""
        return self.trusted_hosts.split(",") if self.trusted_hosts else None


def load_settings(environ: Mapping[str, str] | None = None) -> WebSettings:
    """Read ``SCENEMATCH_*`` from the environment.

    Raises WebSettingError on an unknown name or a value that cannot be used.
    """
    env = os.environ if environ is None else environ
    given = {key[len(PREFIX) :]: text for key, text in env.items() if key.startswith(PREFIX)}
    known = {name.upper() for name in WebSettings.model_fields}
    for name in sorted(given):
        if name not in known | OTHERS:
            raise WebSettingError(f"设置 {PREFIX}{name} 不认识；网站可用的设置有：{_listed(known)}。")
    values: dict[str, Any] = {name.lower(): text for name, text in given.items() if name in known and text}
    try:
        return WebSettings.model_validate(values)
    except ValidationError as error:
        raise WebSettingError(_sentence(error)) from None


def _host_name(name: str) -> str:
    """A host as it stands in a request; with a dot in front also all below it. Raises ValueError for anything else."""
    plain = name.removeprefix(".").lower().encode("idna").decode("ascii")
    if not _HOST.fullmatch(plain):
        raise ValueError(name)
    return f".{plain}" if name.startswith(".") else plain


def _listed(names: set[str]) -> str:
    return "、".join(PREFIX + name for name in sorted(names))


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper()
    allowed = _ALLOWED.get(first["type"], "可用的值")
    limits = first.get("ctx", {})
    limit = next((limits[key] for key in ("ge", "le", "max_length") if key in limits), None)
    bound = f"（界限 {limit}）" if limit is not None else ""
    return f"设置 {name} 为“{first['input']}”，不能使用；应为：{allowed}{bound}。"
