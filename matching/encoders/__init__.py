"""Texts in, unit vectors out; one interface, sentence-transformers behind it."""

from matching.encoders.base import Encoder
from matching.encoders.sentence import SentenceEncoder, load_encoder

__all__ = ["Encoder", "SentenceEncoder", "load_encoder"]
