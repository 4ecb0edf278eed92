"""The marketplace's settings; the only place in this package that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marketplace.mail_settings import MailSettings, read_mail_settings
from marketplace.rules import (
    AnswerRules,
    FairnessRules,
    FollowupRules,
    FreshnessRules,
    PasswordRules,
    PublishingRules,
    read_rules,
)
from matching import MatchingSettings, load_settings


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """Where the database lies and how the engine is set up."""

    database: Path
    matching: MatchingSettings = field(default_factory=MatchingSettings)
    passwords: PasswordRules = field(default_factory=PasswordRules)
    publishing: PublishingRules = field(default_factory=PublishingRules)
    freshness: FreshnessRules = field(default_factory=FreshnessRules)
    followup: FollowupRules = field(default_factory=FollowupRules)
    answers: AnswerRules = field(default_factory=AnswerRules)
    mail: MailSettings = field(default_factory=MailSettings)
    fairness: FairnessRules = field(default_factory=FairnessRules)

    @property
    def keys_dir(self) -> Path:
        """Folder of the installation's secrets, beside the database."""
        return self.database.parent / "keys"

    @property
    def uploads_dir(self) -> Path:
        """Folder of files on their way in."""
        return self.database.parent / "uploads"

    @property
    def attachments_dir(self) -> Path:
        """Folder of the files attached to pairings."""
        return self.database.parent / "attachments"

    @property
    def outbox_dir(self) -> Path:
        """Folder of mail written as files where no mail server is named."""
        return self.database.parent / "outbox"

    @property
    def rates(self) -> Path:
        """File that counts how often an address tried to sign in; safe to throw away."""
        return self.database.parent / "rates.db"

    @property
    def queue(self) -> Path:
        """File of the job queue; safe to throw away while no job runs."""
        return self.database.parent / "queue.db"


def load_market_settings(environ: Mapping[str, str] | None = None) -> MarketSettings:
    """Read ``SCENEMATCH_DATABASE``, the rules and the engine's settings from the environment.

    Raises RefusedError naming a setting whose value cannot be used.
    """
    env = os.environ if environ is None else environ
    matching = load_settings(env)
    database = env.get("SCENEMATCH_DATABASE")
    return MarketSettings(
        Path(database) if database else matching.local_dir / "scenematch.db",
        matching,
        read_rules(PasswordRules, env),
        read_rules(PublishingRules, env),
        read_rules(FreshnessRules, env),
        read_rules(FollowupRules, env),
        read_rules(AnswerRules, env),
        read_mail_settings(env),
        read_rules(FairnessRules, env),
    )
