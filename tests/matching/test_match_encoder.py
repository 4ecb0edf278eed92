"""The default encoder as built: trusted, repeatable, blind to nothing and to no way of writing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factories import make_capability, make_opportunity

from matching import (
    Engine,
    LiveIndex,
    MatchingSettings,
    ModelError,
    Posting,
    SearchRow,
    Snapshot,
    fold,
    load_encoder,
    new_vector_index,
)
from matching.background import background_for
from matching.encoders import SentenceEncoder
from matching.encoders.manifest import file_sha256, read_manifest
from matching.model.verify import FP32_FLOOR, INT8_FLOOR, MIN_TEXTS
from matching.prepare import whole

pytestmark = pytest.mark.model
FOLDER = MatchingSettings().default_model_dir
BURIED = "井盖移位后5分钟内自动告警到巡查员手机。"


def test_manifest_names_what_was_built(encoder_model: SentenceEncoder) -> None:
    manifest = read_manifest(FOLDER)
    onnx = FOLDER / "onnx" / manifest["onnx_file"]
    assert file_sha256(onnx) == manifest["onnx_sha256"]
    assert encoder_model.fingerprint not in ("", manifest["fingerprint"])  # the recipe is part of it
    assert encoder_model.family == manifest["source_sha256"][:16]
    assert (encoder_model.name, encoder_model.dim) == (manifest["name"], 384)


def test_manifest_keeps_every_promised_floor() -> None:
    agreement = read_manifest(FOLDER)["agreement"]
    assert agreement["texts"] >= MIN_TEXTS
    assert agreement["fp32_min"] >= FP32_FLOOR
    assert agreement["int8_min"] >= INT8_FLOOR
    assert agreement["shortest"] <= 5
    assert agreement["longest"] >= 1500


def test_shipped_background_belongs_to_the_default_encoder(encoder_model: SentenceEncoder) -> None:
    shipped = Snapshot.from_bytes((MatchingSettings().data_dir / "ranking" / "background.bin").read_bytes())
    assert shipped.family == encoder_model.family
    assert shipped.means["opportunity"]["whole"].shape == (encoder_model.dim,)


def test_shipped_background_is_used(model_engine: Engine, tmp_path: Path) -> None:
    settings = replace(MatchingSettings(), local_dir=tmp_path)
    assert background_for(model_engine.encoder, model_engine.segmenter, settings).family == model_engine.encoder.family
    assert not list(tmp_path.iterdir())


def broken_copy(tmp_path: Path, damage: Callable[[Path, Path], None]) -> MatchingSettings:
    settings = MatchingSettings(local_dir=tmp_path)
    shutil.copytree(FOLDER, settings.default_model_dir)
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    damage(settings.default_model_dir, settings.default_model_dir / "onnx" / manifest["onnx_file"])
    return settings


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda folder, onnx: (folder / "manifest.json").unlink(), "还没有生成"),
        (lambda folder, onnx: onnx.unlink(), "已损坏"),
        (lambda folder, onnx: onnx.write_bytes(onnx.read_bytes()[:-1]), "已损坏"),
        (lambda folder, onnx: onnx.write_bytes(b"\0" * onnx.stat().st_size), "无法加载"),
    ],
    ids=["no manifest", "no weights", "cut short", "overwritten"],
)
def test_damaged_model_is_refused(tmp_path: Path, damage: Callable[[Path, Path], None], found: str) -> None:
    with pytest.raises(ModelError, match=found):
        load_encoder(broken_copy(tmp_path, damage))


def test_unknown_encoder_is_refused_without_fallback(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="无法加载"):
        load_encoder(MatchingSettings(encoder=str(tmp_path / "empty")))


def test_the_same_text_gives_the_same_bits_alone_and_in_a_list(
    encoder_model: SentenceEncoder, needs: tuple[Posting, ...]
) -> None:
    texts = [need.title for need in needs[:20]]
    together = encoder_model.encode(texts)
    assert np.array_equal(together, encoder_model.encode(texts))
    assert np.array_equal(together[::-1], encoder_model.encode(texts[::-1]))
    assert np.array_equal(together[7], encoder_model.encode([texts[7]])[0])


def test_rows_are_unit_float32(encoder_model: SentenceEncoder) -> None:
    rows = encoder_model.encode(["", " ", "井", "👍🚁", "ＡＩ", "a" * 3000, "\ud83d"])
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder_model.encode([]).shape == (0, 384)


def story(length: int, offers: tuple[Posting, ...]) -> str:
    """A long plausible text that says nothing of manhole covers."""
    text = "".join(one.summary for one in offers if "井" not in one.summary)  # type: ignore[union-attr]
    return (text * (length // len(text) + 1))[:length]


def test_long_text_is_the_mean_of_its_windows(encoder_model: SentenceEncoder, offers: tuple[Posting, ...]) -> None:
    text = fold(story(1500, offers))
    windows = encoder_model._windows(encoder_model.prefix + text)
    assert len(windows) >= 2
    rows = np.stack([encoder_model._encode_pieces([piece])[0] * tokens for piece, tokens in windows])
    mean = rows.sum(axis=0)
    assert encoder_model.encode([text])[0] @ (mean / np.linalg.norm(mean)) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("length", [1500, 10_000])
def test_last_sentence_of_a_long_text_moves_the_vector(
    encoder_model: SentenceEncoder, offers: tuple[Posting, ...], length: int
) -> None:
    text = story(length - len(BURIED), offers)
    without, with_, asked = encoder_model.encode([text, text + BURIED, "井盖移位告警"])
    assert not np.array_equal(without, with_)
    assert with_ @ asked > without @ asked


def test_last_sentence_of_a_long_offer_is_quoted(model_engine: Engine, offers: tuple[Posting, ...]) -> None:
    need = make_opportunity(requirements=("井盖移位后15分钟内告警",))
    long = make_capability(
        title="城市智能终端", summary=story(10_000 - len(BURIED), offers) + BURIED, features=(), cases=()
    )
    rows = model_engine.prepare([long])
    (verdict,) = model_engine.match(model_engine.prepare([need]), rows).verdicts(0, 0)
    assert verdict.kind == "met"
    assert verdict.passage is not None
    assert BURIED.endswith(verdict.passage.text) or verdict.passage.text.endswith(BURIED)
    assert verdict.passage.text in long.summary
    assert np.isfinite(whole(rows[0].vectors)).all()


Search = Callable[[str], list[int]]


@pytest.fixture(scope="module")
def searches(model_engine: Engine, needs: tuple[Posting, ...], offers: tuple[Posting, ...]) -> list[Search]:
    """Search over the sample opportunities and over the sample capabilities."""
    return [searcher(model_engine, postings) for postings in (needs, offers)]


def searcher(engine: Engine, postings: tuple[Posting, ...]) -> Search:
    rows = [SearchRow(key, whole(one.vectors), one.tokens) for key, one in enumerate(engine.prepare(postings), 1)]
    live = LiveIndex(new_vector_index(engine.encoder.dim), lambda: 1, lambda _: (len(rows), rows))

    def search(text: str) -> list[int]:
        return [hit.key for hit in live.search(engine.segmenter.tokens(text), engine.encoder.encode([text])[0], 5)]

    return search


BOTH_WRITINGS = [
    ("井盖缺失移位自动告警", "井蓋缺失移位自動告警"),
    ("供水管网漏点定位", "供水管網漏點定位"),
    ("污水处理厂曝气节能", "污水處理廠曝氣節能"),
    ("湖泊蓝藻遥感监测", "湖泊藍藻遙感監測"),
    ("桥梁结构健康监测", "橋樑結構健康監測"),
    ("无人机电力线路巡检", "無人機電力線路巡檢"),
    ("医院后勤能耗管理", "醫院後勤能耗管理"),
    ("独居老人跌倒报警", "獨居老人跌倒報警"),
    ("中小学作业批改", "中小學作業批改"),
    ("农田灌溉用水计量", "農田灌溉用水計量"),
    ("鱼塘溶氧自动增氧", "魚塘溶氧自動增氧"),
    ("仓库叉车防撞预警", "倉庫叉車防撞預警"),
    ("铜板表面缺陷检测", "銅板表面缺陷檢測"),
    ("消防通道占用识别", "消防通道佔用識別"),
    ("政务热线工单自动分派", "政務熱線工單自動分派"),
    ("景区客流预测", "景區客流預測"),
    ("危险化学品车辆轨迹监管", "危險化學品車輛軌跡監管"),
    ("建筑工地扬尘监测", "建築工地揚塵監測"),
    ("充电桩有序充电调度", "充電樁有序充電調度"),
    ("中小企业贷款风险评估", "中小企業貸款風險評估"),
]
REGIONAL = [
    ("政务云平台数据库软件", "政務雲端平台資料庫軟體"),
    ("激光雷达道路感知", "光達道路感知"),
    ("网络信息安全防护", "網路資訊安全防護"),
    ("视频图像识别", "視訊影像辨識"),
    ("云计算机房节能", "雲端運算機房節能"),
    ("机器学习预测设备故障", "機器學習預測設備故障"),
    ("信息系统软件开发", "資訊系統軟體開發"),
    ("高分辨率遥感图像", "高解析度遙感影像"),
]


@pytest.mark.parametrize(("simplified", "traditional"), BOTH_WRITINGS)
def test_either_writing_finds_the_same_first_five(searches: list[Search], simplified: str, traditional: str) -> None:
    assert simplified != traditional
    for search in searches:
        found = search(simplified)
        assert len(found) == 5
        assert search(traditional) == found


@pytest.mark.parametrize(("mainland", "regional"), REGIONAL)
def test_regional_words_find_nearly_the_same_five(searches: list[Search], mainland: str, regional: str) -> None:
    for search in searches:
        assert len(set(search(mainland)) & set(search(regional))) >= 4
