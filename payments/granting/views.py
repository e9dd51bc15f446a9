"""The forms that propose a grant, below the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.approvals.proposing import propose_page
from accounts.users.models import User
from payments.granting.forms import ClassOneForm, GrantLimitsForm
from payments.granting.proposals import (
    MAY_CLASS_ONE,
    MAY_LIMITS,
    propose_class_one,
    propose_limits,
)
from payments.wallets.own_limits import Wishes

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """Propose other limits for one wallet; they hold once a second person has decided."""
    return propose_page(
        request,
        may=MAY_LIMITS,
        form_class=GrantLimitsForm,
        propose=_propose_limits,
        title=_("Propose other limits for one wallet"),
        lede=_(
            "Wider or narrower than its class, for a time. They hold once a second person has "
            "decided, in place of what was granted before; leave all three empty to end that. "
            "The customer is told. Their own limits and times of caution still hold."
        ),
    )


@sensitive_post_parameters("digits")
@require_http_methods(["GET", "HEAD", "POST"])
def class_one(request: HttpRequest) -> HttpResponse:
    """Propose class I for somebody who was seen in person with their document."""
    return propose_page(
        request,
        may=MAY_CLASS_ONE,
        form_class=ClassOneForm,
        propose=_propose_class_one,
        title=_("Propose class I"),
        lede=_(
            "At the branch, with the customer and the original document in front of you. A second "
            "person sees both, too, before deciding. Tries are counted."
        ),
    )


def _propose_limits(maker: User, typed: dict[str, Any]) -> Proposal:
    return propose_limits(
        wallet=typed["number"],
        wishes=Wishes(typed["single"], typed["day"], typed["day_count"]),
        last_day=typed["last_day"],
        maker=maker,
        reason=typed["reason"],
    )


def _propose_class_one(maker: User, typed: dict[str, Any]) -> Proposal:
    return propose_class_one(
        wallet=typed["number"], digits=typed["digits"], maker=maker, reason=typed["reason"]
    )
