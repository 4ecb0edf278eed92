"""Writes the arrays of the weight file as an ordinary sentence-transformers folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from matching.model.blob import Blob, Vocabulary

# Rows of other scripts are dropped: the same cuts for Chinese and English text at half the size.
_KEPT_SCRIPTS = re.compile(
    "^[\u2581\\x20-\\x7e\u00a0-\u00ff\u0370-\u03ff\u2000-\u2bff\u3000-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]+$"
)
_INVISIBLE = r"[\u0000-\u0008\u000b\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\ufeff]"
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
# Newer stamps make transformers 4.57 print a false warning about another model's tokenizer.
TRANSFORMERS_STAMP = "4.57.0"


def write_folder(blob: Blob, folder: Path) -> int:
    """Write weights, tokenizer and module files into ``folder``; return the vocabulary size."""
    tensors = _tensors(blob)
    kept = _kept_rows(blob.vocabulary)
    words = "embeddings.word_embeddings.weight"
    tensors[words] = tensors[words][kept]
    vocabulary = blob.vocabulary
    pruned = Vocabulary(
        [vocabulary.pieces[i] for i in kept], vocabulary.scores[[i for i in kept if i < len(vocabulary.scores)]],
        vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk,
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(pruned).save(str(folder / "tokenizer.json"))
    for name, content in _configs(blob, len(kept)).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)
    return len(kept)


def _kept_rows(vocabulary: Vocabulary) -> list[int]:
    pieces = vocabulary.pieces
    kept = [i for i, piece in enumerate(pieces) if i < 4 or _KEPT_SCRIPTS.match(piece)]
    if kept[-1] != len(pieces) - 1:
        kept.append(len(pieces) - 1)  # <mask>
    return kept


def _tensors(blob: Blob) -> dict[str, Any]:
    sizes = blob.sizes
    hidden, wide = sizes.hidden, sizes.feed_forward
    types = blob.floats("emb.type").reshape(-1, hidden)
    missing = np.zeros((max(0, sizes.types - types.shape[0]), hidden), np.float32)
    tensors = {
        "embeddings.word_embeddings.weight": blob.quantised("emb.word", sizes.vocabulary, hidden),
        "embeddings.position_embeddings.weight": blob.floats("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": np.concatenate([types, missing]),
        "embeddings.LayerNorm.weight": blob.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": blob.floats("emb.ln.b"),
        # Unused with mean pooling; present so that loading does not report a fresh layer.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    matrices = (
        ("q", "attention.self.query", hidden, hidden), ("k", "attention.self.key", hidden, hidden),
        ("v", "attention.self.value", hidden, hidden), ("ao", "attention.output.dense", hidden, hidden),
        ("fi", "intermediate.dense", wide, hidden), ("fo", "output.dense", hidden, wide),
    )  # fmt: skip
    for layer in range(sizes.layers):
        ours, theirs = f"encoder.layer.{layer}.", f"l{layer}."
        for short, name, rows, columns in matrices:
            tensors[f"{ours}{name}.weight"] = blob.quantised(f"{theirs}{short}.w", rows, columns)
            tensors[f"{ours}{name}.bias"] = blob.floats(f"{theirs}{short}.b")
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            tensors[f"{ours}{name}.weight"] = blob.floats(f"{theirs}{short}.w")
            tensors[f"{ours}{name}.bias"] = blob.floats(f"{theirs}{short}.b")
    return tensors


def _tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    pieces = [(piece, float(score)) for piece, score in zip(vocabulary.pieces, vocabulary.scores, strict=False)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(_INVISIBLE), ""),
            normalizers.Replace(Regex(r"[\s\u3000]"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in _SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", vocabulary.bos), ("</s>", vocabulary.eos)],
    )
    return tokenizer


def _configs(blob: Blob, rows: int) -> dict[str, Any]:
    sizes, vocabulary = blob.sizes, blob.vocabulary
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>",
               "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}  # fmt: skip
    modules = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "vocab_size": rows,
            "hidden_size": sizes.hidden, "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads, "intermediate_size": sizes.feed_forward,
            "hidden_act": "gelu", "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.types, "layer_norm_eps": round(sizes.epsilon, 15),
            "pad_token_id": vocabulary.pad, "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1, "position_embedding_type": "absolute",
            "transformers_version": TRANSFORMERS_STAMP, "torch_dtype": "float32",
        },
        "tokenizer_config.json": special | {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": sizes.positions,
            "model_input_names": ["input_ids", "attention_mask"], "clean_up_tokenization_spaces": True,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden, "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None, "similarity_fn_name": "cosine",
        },
    }  # fmt: skip
