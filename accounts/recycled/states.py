"""How far the claim of a number is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimState(models.TextChoices):
    """Waiting is the only state that anything leads out of."""

    WAITING = "waiting", _("Waits for whoever has it with us")
    OBJECTED = "objected", _("Whoever has it with us said that it is still theirs")
    MOVED = "moved", _("Whoever had it has another number now")
    FREED = "freed", _("Free: nobody objected in time")
