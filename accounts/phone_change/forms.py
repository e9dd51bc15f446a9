"""What is typed to change one's number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.payment_password.forms import IdDigitsField, PaymentPasswordField
from accounts.phone.forms import PhoneField

WITH, WITHOUT = "with", "without"


class NewPhoneForm(forms.Form):
    """The new number, and whether the old phone is at hand."""

    phone = PhoneField(label=_("New phone number"))
    old_phone = forms.ChoiceField(
        label=_("Can you read messages on the old phone?"),
        choices=[(WITH, _("Yes, I can")), (WITHOUT, _("No, it is gone"))],
        initial=WITH,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, has_phone: object = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_phone:
            del self.fields["old_phone"]
            return
        self.fields["old_phone"].widget.template_name = "shell/widgets/choices.html"


class PersonForm(forms.Form):
    """Without the old phone: payment password, and the end of the ID number where there is one."""

    payment_password = PaymentPasswordField(label=_("Payment password"))
    id_digits = IdDigitsField()

    def __init__(
        self, *args: Any, has_identity: object, has_payment_password: object, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not has_identity:
            del self.fields["id_digits"]
        if not has_payment_password:
            del self.fields["payment_password"]
