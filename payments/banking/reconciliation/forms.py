"""What staff write about a case."""

from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.security.reasons import ReasonField
from accounts.users.models import User

NOTE, ASSIGN, RESOLVE = "note", "assign", "resolve"


class CaseForm(forms.Form):
    """One step, always with a reason; the pressed button says which."""

    text = ReasonField(
        label=_("What was found out, or done"),
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write what you found out or did; without it nothing is changed."),
            "min_length": _("Write it in a few words."),
        },
    )
    assignee = forms.ModelChoiceField(
        label=_("Give it to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Me"),
    )
    # The pressed button; a note when none was.
    step = forms.ChoiceField(
        choices=((NOTE, NOTE), (ASSIGN, ASSIGN), (RESOLVE, RESOLVE)),
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)
        assignee.queryset = list_workers()


def list_workers() -> QuerySet[User]:
    """Staff who may work on cases."""
    may = Q(groups__permissions__codename="work_on_cases") | Q(is_superuser=True)
    return User.objects.filter(may, is_staff=True, is_active=True).order_by("pk").distinct()
