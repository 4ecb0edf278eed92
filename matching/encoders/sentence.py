"""Any sentence-transformers model as an Encoder; the only module that imports the library."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matching.encoders.base import Vectors
from matching.encoders.manifest import read_manifest
from matching.errors import ModelError
from matching.settings import MatchingSettings
from matching.text.fold import fold
from matching.text.recipe import RECIPE_VERSION

PREFIX = "query: "


class SentenceEncoder:
    """Vectors of a sentence-transformers model, one text at a time.

    int8 activations are scaled per batch, so a batch of one is what makes a replay identical.
    A text longer than the window is cut at token borders, the pieces are encoded and averaged
    by their token counts: nothing is cut off silently.
    """

    def __init__(self, name: str, model: Any, prefix: str, fingerprint: str, family: str = "") -> None:
        self.name, self.fingerprint, self.prefix = name, fingerprint, prefix
        self.family = family or fingerprint
        self._model = model
        self.dim = int(model.get_embedding_dimension())
        self._window = int(model.max_seq_length or 512) - 2
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, shape (len(texts), dim)."""
        pieces: list[str] = []
        owners: list[tuple[int, int]] = []
        for number, text in enumerate(texts):
            for piece, tokens in self._windows(self.prefix + fold(text)):
                pieces.append(piece)
                owners.append((number, tokens))
        rows = self._encode_pieces(pieces)
        sums = np.zeros((len(texts), self.dim), np.float32)
        for row, (number, tokens) in zip(rows, owners, strict=True):
            sums[number] += row * tokens
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        unit: Vectors = sums / np.maximum(norms, 1e-12)
        return unit

    def _encode_pieces(self, pieces: list[str]) -> Vectors:
        if not pieces:
            return np.zeros((0, self.dim), np.float32)
        with self._lock:
            rows = self._model.encode(pieces, batch_size=1, prompt="", normalize_embeddings=True,
                                      show_progress_bar=False)  # fmt: skip
        return np.asarray(rows, np.float32)

    def _windows(self, text: str) -> list[tuple[str, int]]:
        # A token covers at least one character: short texts need no count.
        if len(text) <= self._window:
            return [(text, 1)]
        coded = self._model.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True,
                                      truncation=False, verbose=False)  # fmt: skip
        offsets = coded["offset_mapping"]
        if len(offsets) <= self._window:
            return [(text, 1)]
        windows = []
        for start in range(0, len(offsets), self._window):
            part = offsets[start : start + self._window]
            windows.append((text[part[0][0] : part[-1][1]], len(part)))
        return windows


def load_encoder(settings: MatchingSettings) -> SentenceEncoder:
    """Load the encoder the settings name, or the bundled default.

    Raises ModelError when it is missing, damaged or cannot be loaded; there is no fallback.
    """
    if settings.encoder:
        return _load_other(settings)
    folder = settings.default_model_dir
    manifest = read_manifest(folder)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    model = load_model(str(folder), "onnx", {"file_name": manifest["onnx_file"]})
    family = manifest["source_sha256"][:16]
    return SentenceEncoder(manifest["name"], model, PREFIX, _fingerprint(manifest["fingerprint"]), family)


def _load_other(settings: MatchingSettings) -> SentenceEncoder:
    name, folder = settings.encoder, Path(settings.encoder)
    if folder.is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    model = load_model(name, settings.encoder_backend, {})
    prefix = (model.prompts or {}).get("query", "")
    seed = [name, settings.encoder_backend, prefix, _content_hash(folder)]
    return SentenceEncoder(name, model, prefix, _fingerprint(*seed))


def _fingerprint(*parts: str) -> str:
    """Short hash of the model and of the recipe: a text read otherwise gives another vector, too."""
    return hashlib.sha256("\n".join((*parts, f"recipe {RECIPE_VERSION}")).encode()).hexdigest()[:16]


def _content_hash(folder: Path) -> str:
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def load_model(name: str, backend: str, extra: dict[str, Any]) -> Any:
    """Open a sentence-transformers model on the CPU; raise ModelError when that fails."""
    from sentence_transformers import SentenceTransformer

    options = dict(extra)
    if backend == "onnx":
        import onnxruntime

        session = onnxruntime.SessionOptions()
        # One thread is as fast as two for single texts and leaves the other core to the pages.
        session.intra_op_num_threads = session.inter_op_num_threads = 1
        options |= {"provider": "CPUExecutionProvider", "session_options": session}
    try:
        return SentenceTransformer(name, backend=backend, device="cpu", model_kwargs=options)
    except Exception as error:  # whatever the library meets, the person gets one sentence
        raise ModelError(f"编码模型“{name}”无法加载：{error}") from error
