"""How far a change of phone is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhoneChangeState(models.TextChoices):
    """Asking and waiting are the only states that anything leads out of."""

    ASKING = "asking", _("Being proved")
    WAITING = "waiting", _("Proved; takes effect later")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Not possible: the number has a wallet")
