"""The encoder as it is trained: the lower layers frozen and run once a text, the upper ones with an adapter (LoRA)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from matching.encoders.base import Vectors
from matching.errors import ModelError
from matching.text.fold import fold

PREFIX = "query: "
# Longer texts are cut while training; the engine encodes them in windows.
MAX_TOKENS = 128
_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class AdapterShape:
    """Which layers learn and how much: layers from ``first`` on, matrices of rank ``rank``."""

    first: int = 8
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0


class LowerStates:
    """What the frozen layers make of each text, half precision, kept in a folder so that every fold shares it."""

    def __init__(self, folder: Path, tower: Tower) -> None:
        self._folder, self._tower = folder, tower
        self._states: dict[str, NDArray[np.float16]] = {}
        self._file = folder / f"lower-{tower.shape.first}.npz"
        if self._file.is_file():
            with np.load(self._file) as kept:
                lengths, flat, names = kept["lengths"], kept["states"], kept["names"]
            ends = np.cumsum(lengths)
            for name, start, end in zip(names.tolist(), ends - lengths, ends, strict=True):
                self._states[name] = flat[start:end]

    def add(self, texts: Iterable[str]) -> int:
        """Run the texts that are not known yet; return how many those were."""
        new = sorted({text for text in texts if _name(text) not in self._states}, key=len)
        for start in range(0, len(new), _TOGETHER):
            part = new[start : start + _TOGETHER]
            for text, rows in zip(part, self._tower.lower(part), strict=True):
                self._states[_name(text)] = rows
        return len(new)

    def keep(self) -> None:
        """Write what is known to the folder, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_suffix(".new.npz")
        names = list(self._states)
        np.savez(
            aside,
            names=np.array(names),
            lengths=np.array([len(self._states[name]) for name in names]),
            states=np.concatenate([self._states[name] for name in names]),
        )
        aside.replace(self._file)

    def of(self, texts: Sequence[str]) -> list[NDArray[np.float16]]:
        """Return the states of known texts, each of shape (tokens, dim)."""
        return [self._states[_name(text)] for text in texts]


class Tower(nn.Module):
    """The encoder cut in two; ``forward`` takes states of the lower part to unit vectors."""

    def __init__(self, folder: Path, shape: AdapterShape, seed: int = 0) -> None:
        super().__init__()
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from peft import LoraConfig, inject_adapter_in_model
        from transformers import AutoModel, AutoTokenizer

        if not (folder / "model.safetensors").is_file():
            raise ModelError(f"没有编码器的权重：{folder}；请先运行 make model")
        torch.manual_seed(seed)
        self.shape = shape
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder))
        model: Any = AutoModel.from_pretrained(str(folder), attn_implementation="sdpa").eval()
        for parameter in model.parameters():
            parameter.requires_grad = False
        count = len(model.encoder.layer)
        self.embeddings, self.lower_layers = model.embeddings, model.encoder.layer[: shape.first]
        config = LoraConfig(
            r=shape.rank, lora_alpha=shape.alpha, lora_dropout=shape.dropout,
            target_modules=["query", "key", "value", "dense"], layers_to_transform=list(range(shape.first, count)),
            layers_pattern="layer",
        )  # fmt: skip
        model = inject_adapter_in_model(config, model)
        self.upper_layers = model.encoder.layer[shape.first :]
        self.dim = int(model.config.hidden_size)

    @torch.no_grad()
    def lower(self, texts: Sequence[str]) -> Iterator[NDArray[np.float16]]:
        """Yield the states of each text after the frozen layers, shape (tokens, dim)."""
        coded = self.tokenizer(
            [PREFIX + fold(text) for text in texts], padding=True, truncation=True, max_length=MAX_TOKENS,
            return_tensors="pt",
        )  # fmt: skip
        hidden = self.embeddings(input_ids=coded["input_ids"])
        mask = coded["attention_mask"]
        for layer in self.lower_layers:
            hidden = _states(layer(hidden, attention_mask=_extended(mask)))
        for row, tokens in zip(hidden.numpy().astype(np.float16), mask.sum(dim=1).tolist(), strict=True):
            # A copy: a view would keep the whole batch alive.
            yield row[:tokens].copy()

    def forward(self, states: Sequence[NDArray[np.float16]]) -> Tensor:
        """Return one unit row for the states of each text, shape (texts, dim)."""
        longest = max(map(len, states))
        hidden = torch.zeros(len(states), longest, self.dim)
        mask = torch.zeros(len(states), longest, dtype=torch.long)
        for number, rows in enumerate(states):
            hidden[number, : len(rows)] = torch.from_numpy(rows.astype(np.float32))
            mask[number, : len(rows)] = 1
        extended = _extended(mask)
        for layer in self.upper_layers:
            hidden = _states(layer(hidden, attention_mask=extended))
        weights = mask.unsqueeze(-1).float()
        return nn.functional.normalize((hidden * weights).sum(dim=1) / weights.sum(dim=1), dim=-1)

    def adapter(self) -> dict[str, Tensor]:
        """Return the tensors that learn, by name."""
        return {name: value.detach().clone() for name, value in self.named_parameters() if value.requires_grad}

    def save_adapter(self, path: Path, base: str) -> None:
        """Write what was learned in half precision under the encoder's own names; ``base`` says for which encoder."""
        shape = self.shape
        tensors = {}
        for name, value in self.adapter().items():
            _, layer, rest = name.split(".", 2)
            module, side = rest.removesuffix(".default.weight").rsplit(".lora_", 1)
            key = f"encoder.layer.{shape.first + int(layer)}.{module}.{side.lower()}"
            tensors[key] = value.to(torch.float16).contiguous()
        aside = path.with_suffix(".new")
        save_file(tensors, aside, metadata={"scale": str(shape.alpha / shape.rank), "base": base})
        aside.replace(path)

    def load_adapter(self, tensors: dict[str, Tensor]) -> None:
        """Put learned tensors in place; raises ModelError when one is missing or too many."""
        own = {name for name, value in self.named_parameters() if value.requires_grad}
        if own != set(tensors):
            raise ModelError("适配文件与编码器不符：层或秩不同")
        self.load_state_dict(tensors, strict=False)


class TowerEncoder:
    """A tower as an Encoder, for measuring it as the engine would use it."""

    def __init__(self, tower: Tower, states: LowerStates, name: str) -> None:
        digest = hashlib.sha256(name.encode())
        for key, value in sorted(tower.adapter().items()):
            digest.update(key.encode() + value.numpy().tobytes())
        self.name, self.dim = name, tower.dim
        self.fingerprint = self.family = digest.hexdigest()[:16]
        self._tower, self._states = tower.eval(), states

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row a text, shape (len(texts), dim); cut after 192 tokens."""
        self._states.add(texts)
        known = self._states.of(texts)
        order = sorted(range(len(texts)), key=lambda place: len(known[place]))
        rows = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(order), _TOGETHER):
            part = order[start : start + _TOGETHER]
            rows[part] = self._tower([known[place] for place in part]).numpy()
        return rows


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _extended(mask: Tensor) -> Tensor:
    hidden: Tensor = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
    return hidden


def _states(found: Any) -> Tensor:
    states: Tensor = found[0] if isinstance(found, tuple) else found
    return states
