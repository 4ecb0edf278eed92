"""From written text to comparable text: fold, segment, cut into passages, read numbers."""

from matching.text.fold import fold
from matching.text.numbers import Quantity, read_quantities
from matching.text.recipe import RECIPE_VERSION, PostingTexts, compose
from matching.text.segment import Segmenter

__all__ = ["RECIPE_VERSION", "PostingTexts", "Quantity", "Segmenter", "compose", "fold", "read_quantities"]
