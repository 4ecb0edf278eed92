"""Trains the adapter: fits above partial fits above traps and strangers, requirements beside what proves them."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from matching.learning.groups import FITS, PARTIAL, TRAPS, Group, GroupOffer
from matching.learning.tower import LowerStates, Tower
from matching.records import Capability, Posting
from matching.text.places import own_names, without_names
from matching.text.recipe import compose, sentences

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the adapter is trained; ``shares`` are those of offers whole, story only, first line, title."""

    epochs: int = 3
    rate: float = 5e-4
    temperature: float = 0.05
    groups: int = 12
    passages: int = 48
    partial_weight: float = 0.3
    shares: tuple[float, float, float, float] = (0.55, 0.15, 0.15, 0.15)
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Text:
    """A posting as two texts: its title and its body."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Example:
    """A need with its offers, every offer in four readings from whole to title only."""

    need: Text
    offers: dict[str, tuple[tuple[Text, Text, Text, Text], ...]]
    passages: tuple[tuple[str, str], ...] = field(default=())


def examples(groups: Iterable[Group]) -> list[Example]:
    """Return groups as texts to learn from, masked as the engine masks them."""
    return [_example(group) for group in groups]


def texts_of(rows: Iterable[Example]) -> Iterator[str]:
    """Yield every text of the examples."""
    for row in rows:
        yield from (row.need.title, row.need.body)
        for offers in row.offers.values():
            for readings in offers:
                for one in readings:
                    yield from (one.title, one.body)
        for pair in row.passages:
            yield from pair


def train_adapter(
    tower: Tower, states: LowerStates, rows: Sequence[Example], recipe: Recipe, say: Say, kept: Path | None = None
) -> None:
    """Train the tower's adapter on the examples, the same way every time for the same seed.

    With ``kept`` the state after each epoch is written there, and training goes on from it when it is there.
    """
    pairs = [pair for row in rows for pair in row.passages]
    steps = max(1, recipe.epochs * len(_jobs(rows, pairs, recipe, 0)))
    learned = [value for value in tower.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=recipe.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps))
    first = _resume(kept, tower, optimizer, schedule, recipe)
    for epoch in range(first, recipe.epochs):
        tower.train()
        torch.manual_seed(recipe.seed + epoch)
        chance, total, started = random.Random(f"{recipe.seed}-{epoch}-offers"), 0.0, time.perf_counter()
        jobs = _jobs(rows, pairs, recipe, epoch)
        for job in jobs:
            loss = _loss(tower, states, job, recipe, chance)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        spent = time.perf_counter() - started
        say(f"第 {epoch + 1}/{recipe.epochs} 轮：平均损失 {total / max(1, len(jobs)):.4f}，{spent:.0f} 秒")
        _keep(kept, tower, optimizer, schedule, recipe, epoch + 1)
    tower.eval()


def _resume(kept: Path | None, tower: Tower, optimizer: Any, schedule: Any, recipe: Recipe) -> int:
    """Put back what an interrupted training had reached; return the epoch to go on with."""
    if kept is None or not kept.is_file():
        return 0
    state = torch.load(kept, weights_only=True)
    if state["recipe"] != repr((recipe, tower.shape)):
        return 0
    tower.load_adapter(state["adapter"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epochs"])


def _keep(kept: Path | None, tower: Tower, optimizer: Any, schedule: Any, recipe: Recipe, epochs: int) -> None:
    """Write what training has reached, whole or not at all."""
    if kept is None:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    aside = kept.with_suffix(".new")
    torch.save(
        {
            "recipe": repr((recipe, tower.shape)), "epochs": epochs, "adapter": tower.adapter(),
            "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
        },
        aside,
    )  # fmt: skip
    aside.replace(kept)


def _pace(step: int, steps: int) -> float:
    """Warm up over a tenth, then fall along a cosine to a twentieth."""
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))


Pairs = Sequence[tuple[str, str]]
Job = tuple[Sequence[Example], Pairs]


def _jobs(rows: Sequence[Example], pairs: Pairs, recipe: Recipe, epoch: int) -> list[Job]:
    """The batches of one epoch in random order: every group once, every second requirement pair once."""
    chance = random.Random(f"{recipe.seed}-{epoch}-order")
    order = chance.sample(list(rows), len(rows))
    jobs: list[Job] = [
        (order[at : at + recipe.groups], ()) for at in range(0, len(order) - recipe.groups + 1, recipe.groups)
    ]
    few = chance.sample(list(pairs), len(pairs) // 2)
    jobs += [((), few[at : at + recipe.passages]) for at in range(0, len(few) - recipe.passages + 1, recipe.passages)]
    chance.shuffle(jobs)
    return jobs


def _loss(tower: Tower, states: LowerStates, job: Job, recipe: Recipe, chance: random.Random) -> Tensor:
    groups, pairs = job
    if groups:
        return _group_loss(tower, states, groups, recipe, chance)
    return _passage_loss(tower, states, pairs, recipe)


def _group_loss(
    tower: Tower, states: LowerStates, rows: Sequence[Example], recipe: Recipe, chance: random.Random
) -> Tensor:
    """Each need against one fit, one partial and up to two traps of every need of the batch; and back."""
    offers: list[Text] = []
    owners: list[int] = []
    roles: list[str] = []
    for number, row in enumerate(rows):
        for role, count in ((FITS, 1), (PARTIAL, 1), (TRAPS, 2)):
            few = row.offers[role]
            for readings in chance.sample(few, min(count, len(few))):
                offers.append(chance.choices(readings, recipe.shares)[0])
                owners.append(number)
                roles.append(role)
    rows_of = _whole(tower, states, [row.need for row in rows] + offers)
    scores = rows_of[: len(rows)] @ rows_of[len(rows) :].T / recipe.temperature
    owner = torch.tensor(owners)
    own = owner[None, :] == torch.arange(len(rows))[:, None]
    is_a = {name: torch.tensor([one == name for one in roles]) for name in (FITS, PARTIAL, TRAPS)}
    loss = _raise(scores, own & is_a[FITS], own & is_a[PARTIAL])
    loss = loss + recipe.partial_weight * _raise(scores, own & is_a[PARTIAL], own & is_a[FITS])
    # A fit above its own group's partial: less far than above a trap.
    loss = loss + recipe.partial_weight * _above(scores, own & is_a[FITS], own & is_a[PARTIAL])
    fits = is_a[FITS].nonzero().ravel()
    back = nn.functional.cross_entropy(scores[:, fits].T, owner[fits])
    return loss + 0.5 * back


def _raise(scores: Tensor, wanted: Tensor, neither: Tensor) -> Tensor:
    """Cross-entropy of the wanted column of each row against all others; ``neither`` are left out."""
    has = wanted.any(dim=1)
    if not has.any():
        return scores.sum() * 0
    masked = scores.masked_fill(neither, float("-inf"))[has]
    return (torch.logsumexp(masked, dim=1) - (scores * wanted).sum(dim=1)[has]).mean()


def _above(scores: Tensor, higher: Tensor, lower: Tensor) -> Tensor:
    both = higher.any(dim=1) & lower.any(dim=1)
    if not both.any():
        return scores.sum() * 0
    gap = (scores * higher).sum(dim=1)[both] - (scores * lower).sum(dim=1)[both]
    return nn.functional.softplus(1.0 - gap).mean()


def _passage_loss(tower: Tower, states: LowerStates, pairs: Sequence[tuple[str, str]], recipe: Recipe) -> Tensor:
    both = tower(states.of([one for one, _ in pairs] + [other for _, other in pairs]))
    scores = both[: len(pairs)] @ both[len(pairs) :].T / recipe.temperature
    same = torch.arange(len(pairs))
    return 0.5 * (nn.functional.cross_entropy(scores, same) + nn.functional.cross_entropy(scores.T, same))


def _whole(tower: Tower, states: LowerStates, texts: Sequence[Text]) -> Tensor:
    """The vector of each posting as the engine takes it: the mean of title and body. Short and long apart."""
    titles = tower(states.of([one.title for one in texts]))
    long = [number for number, one in enumerate(texts) if one.body != one.title]
    bodies = titles.clone()
    known = states.of([texts[number].body for number in long])
    order = sorted(range(len(long)), key=lambda place: len(known[place]))
    half = len(order) // 2
    for part in (order[:half], order[half:]):
        if part:
            bodies[torch.tensor([long[place] for place in part])] = tower([known[place] for place in part])
    return nn.functional.normalize(titles + bodies, dim=-1)


def _example(group: Group) -> Example:
    offers = {role: tuple(_readings(offer.capability) for offer in group.of(role)) for role in (FITS, PARTIAL, TRAPS)}
    proofs = tuple(
        (_masked(group.need, group.need.requirements[place]), _masked(offer.capability, text))
        for offer in group.offers
        for place, where in offer.covers.items()
        if (text := _proof(offer, where)) and place < len(group.need.requirements)
    )
    return Example(_text(group.need), offers, proofs)


def _proof(offer: GroupOffer, where: int | str) -> str:
    if isinstance(where, int):
        features = offer.capability.features
        return features[where] if where < len(features) else ""
    return (sentences(offer.capability.summary) or [""])[0]


def _readings(offer: Capability) -> tuple[Text, Text, Text, Text]:
    line = (sentences(offer.summary) or list(offer.features) or [""])[0]
    thin = [replace(offer, features=(), cases=()), replace(offer, summary=line, features=(), cases=())]
    return _text(offer), _text(thin[0]), _text(thin[1]), _text(replace(offer, summary="", features=(), cases=()))


def _text(posting: Posting) -> Text:
    texts = compose(posting)
    return Text(_masked(posting, texts.title), _masked(posting, texts.body))


def _masked(posting: Posting, text: str) -> str:
    return without_names(text, own_names(posting))
