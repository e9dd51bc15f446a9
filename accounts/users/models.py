"""The person who signs in."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.users.numbers import masked_phone
from accounts.users.zones import ZONES

# What stands in `phone` of somebody whose number went to somebody else; never a number.
NO_PHONE = "freed-"

# What an administrator may not do by being one: they give the roles in which others do it. Who can
# make anybody a maker or a checker is neither.
NOT_FOR_ADMINISTRATORS = frozenset(
    {
        "accounts.use_desk",
        "accounts.work_cases",
        "accounts.propose_support",
        "accounts.decide_support",
        "accounts.propose_money",
        "accounts.decide_money",
        "payments.work_on_cases",
    }
)


class UserManager(BaseUserManager["User"]):
    """Makes users; the phone number is the name one signs in with."""

    def create_user(self, phone: str, password: str | None = None, **fields: Any) -> User:
        """Create a person with a login password; `None` leaves it unusable."""
        user = self.model(phone=phone, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, phone: str, password: str | None = None, **fields: Any) -> User:
        """Create the first administrator; a second factor is still asked for at every sign-in."""
        fields.setdefault("is_staff", True)
        fields.setdefault("is_superuser", True)
        return self.create_user(phone, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: customer or staff. Knows no money; the name and ID number are in `identity`."""

    class Theme(models.TextChoices):
        DEVICE = "", _("Same as the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    phone = PhoneNumberField(_("phone number"), unique=True)
    locale = models.CharField(_("language"), max_length=10, blank=True, default="")
    theme = models.CharField(
        _("appearance"), max_length=5, blank=True, choices=Theme, default=Theme.DEVICE
    )
    # IANA name; empty: the bank's own zone. The choices stand in `zones.py`.
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", db_default=""
    )
    hide_amounts = models.BooleanField(_("hide amounts"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    password_changed_at = models.DateTimeField(_("login password changed"), default=timezone.now)
    # It was good when it was chosen and would be refused now: phone, name or ID number came since.
    is_password_outgrown = models.BooleanField(
        _("login password guessable now"), default=False, db_default=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return f"user {self.pk}"

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """As Django has it, but for what administrators leave to others."""
        if self.is_superuser and perm in NOT_FOR_ADMINISTRATORS:
            return False
        return super().has_perm(perm, obj)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the login password. A hash that has become too cheap is replaced, unless
        another password was set meanwhile: that one stays."""

        def rehash(raw: str) -> None:
            before, self.password = self.password, make_password(raw)
            User.objects.filter(pk=self.pk, password=before).update(password=self.password)

        return check_password(raw_password, self.password, rehash)

    def get_short_name(self) -> str:
        """The masked phone number: what the admin greets its staff with."""
        return masked_phone(str(self.phone))

    @property
    def has_phone(self) -> bool:
        """Whether there is a number at all: somebody else may have theirs (accounts/recycled)."""
        return str(self.phone).startswith("+")

    @property
    def zone_name(self) -> str:
        """The zone this person lives by: their own choice, else the bank's."""
        return self.time_zone if self.time_zone in ZONES else settings.TIME_ZONE
