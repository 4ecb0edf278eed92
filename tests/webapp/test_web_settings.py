"""Settings are read once and refused with one Chinese sentence."""

from __future__ import annotations

import pytest

from matching import settings as engine_settings
from webapp.settings import OTHERS, WebSettingError, WebSettings, load_settings


def test_defaults() -> None:
    settings = load_settings({})
    assert (settings.site_name, settings.public_matches, settings.sample_site) == ("场景对接", False, False)


def test_values_are_read() -> None:
    settings = load_settings({"SCENEMATCH_PUBLIC_MATCHES": "true", "SCENEMATCH_SITE_NAME": "某市场景", "PATH": "/bin"})
    assert (settings.public_matches, settings.site_name) == (True, "某市场景")


def test_empty_values_are_the_default() -> None:
    assert load_settings({"SCENEMATCH_SITE_NAME": "", "SCENEMATCH_PUBLIC_MATCHES": ""}) == load_settings({})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PUBLIC_MATCHES", "maybe", "true 或 false"),
        ("BENCHMARK_YEAR", "next", "整数"),
        ("BENCHMARK_YEAR", "1800", "2000"),
        ("SITE_NAME", "长" * 41, "40"),
        ("PUBLIC_MATCH", "true", "不认识"),
        ("TRUSTED_HOSTS", "https://changjing.example.cn", "主机名"),
        ("TRUSTED_HOSTS", "changjing.example.cn:8000", "主机名"),
        ("TRUSTED_HOSTS", "a..b", "主机名"),
        ("TRUSTED_HOSTS", "a.example.cn,[::1]", "主机名"),
    ],
)
def test_useless_settings_are_refused(name: str, value: str, words: str) -> None:
    with pytest.raises(WebSettingError) as refusal:
        load_settings({f"SCENEMATCH_{name}": value})
    sentence = str(refusal.value)
    assert f"SCENEMATCH_{name}" in sentence
    assert words in sentence
    assert sentence.endswith("。")
    assert "\n" not in sentence


def test_hosts_are_read_as_people_list_them() -> None:
    assert load_settings({}).hosts is None
    settings = load_settings({"SCENEMATCH_TRUSTED_HOSTS": "Changjing.example.cn， .gov.example,例子.cn 127.0.0.1"})
    assert settings.hosts == ["changjing.example.cn", ".gov.example", "xn--fsqu00a.cn", "127.0.0.1"]


def test_settings_of_the_packages_below_are_known() -> None:
    assert set(engine_settings.KNOWN) | {"DATABASE"} <= OTHERS


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError):
        WebSettings().site_name = "别的"  # type: ignore[misc]
