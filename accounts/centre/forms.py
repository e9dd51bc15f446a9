"""My settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from accounts.users.zones import zone_choices

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:
    UserModelForm = forms.ModelForm


class SettingsForm(UserModelForm):
    """Language, look, clock, and whether amounts are shown."""

    theme = forms.ChoiceField(
        label=_("Appearance"), required=False, widget=forms.RadioSelect, choices=User.Theme.choices
    )

    class Meta:
        model = User
        fields = ("locale", "theme", "time_zone", "hide_amounts")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        names = {"zh-hans": "简体中文", "en": "English"}
        languages = [(code, names.get(code, name)) for code, name in settings.LANGUAGES]
        choices = [("", _("Same as the browser")), *languages]
        self.fields["locale"] = forms.ChoiceField(
            label=_("Language"), required=False, widget=forms.RadioSelect, choices=choices
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            required=False,
            choices=zone_choices(),
            help_text=_(
                "Times on these pages and of new planned transfers. Limits keep the bank's days."
            ),
        )
        for name in ("locale", "theme"):
            self.fields[name].widget.template_name = "shell/widgets/choices.html"
