"""My settings, and the security centre."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.centre.advice import list_advice
from accounts.centre.events import GROUPS, find_group, lines_of, read_page
from accounts.centre.forms import SettingsForm
from accounts.centre.rows import Where, rows_of
from accounts.changes.selectors import list_undoable
from accounts.factors.selectors import count_recovery_codes_left, has_second_factor
from accounts.identity.selectors import assurance_level, masked_name
from accounts.payment_password.selectors import payment_password_state
from accounts.security.addresses import client_address
from accounts.security.devices import forget_device, list_devices_for
from accounts.security.kinds import kind_title
from accounts.security.places import place_words
from accounts.security.selectors import (
    find_session,
    list_events_for,
    list_looks_at,
    list_open_sessions_for,
)
from accounts.security.sessions import current_session, signed_in_user
from accounts.signin.services import (
    sign_out_device,
    sign_out_everywhere,
    sign_out_other_devices,
)
from accounts.users.models import User

_EVENTS_SHOWN = 6
_LOOKS_SHOWN = 4
_DEVICES_SHOWN = 10


@never_cache
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Profile, masked, and settings."""
    user = signed_in_user(request)
    form = SettingsForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        response = redirect("users:me")
        # The shell reads the cookie where the person left the choice to the browser.
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    context = {"form": form, "name": masked_name(user), "level": assurance_level(user)}
    status = 422 if request.method == "POST" else 200
    # Staff have settings, and no wallet.
    page = "staff_me" if user.is_staff else "me"
    return render(request, f"accounts/users/{page}.html", context, status=status)


@never_cache
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """What is worth doing now, the ways to sign in, devices, and what happened."""
    user = signed_in_user(request)
    password_state = payment_password_state(user)
    changed_at = password_state.changed_at
    age_days = (timezone.now() - changed_at).days if changed_at else None
    here = current_session(request)
    context = {
        "advice": list_advice(user, here),
        "frozen": rows_of(Where.FROZEN, user),
        "more_ways": rows_of(Where.WAYS, user),
        "has_second_factor": has_second_factor(user),
        "codes_left": count_recovery_codes_left(user),
        "payment_password": password_state,
        "payment_password_days": age_days,
        "login_password_days": (timezone.now() - user.password_changed_at).days,
        "undoable": [
            {"change": change, "title": kind_title(change.kind)} for change in list_undoable(user)
        ],
        "sessions": [
            {"session": session, "place": place_words(session.address_hint)}
            for session in list_open_sessions_for(user)
        ],
        "here": here.public_id if here else None,
        "devices": list_devices_for(user)[:_DEVICES_SHOWN],
        "events": lines_of(list_events_for(user)[:_EVENTS_SHOWN], user),
        "looks": lines_of(
            list_looks_at(user).prefetch_related("actor__groups")[:_LOOKS_SHOWN], user
        ),
    }
    return render(request, "accounts/security/centre.html", context)


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out every other device."""
    count = sign_out_other_devices(request=request, user=signed_in_user(request))
    messages.success(request, _("Other devices signed out: %(count)s.") % {"count": count})
    return redirect("security:centre")


@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    count = sign_out_everywhere(request=request, user=signed_in_user(request))
    messages.success(request, _("Signed out everywhere; devices: %(count)s.") % {"count": count})
    return redirect("signin:sign_in")


@never_cache
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Everything that happened to my security, page by page, or one group of it."""
    user = signed_in_user(request)
    group = find_group(request.GET.get("kind", ""))
    after = request.GET.get("after", "")
    context = {
        "groups": GROUPS,
        "group": group,
        "page": read_page(user, group=group.code, after=after),
        "is_later_page": bool(after),
    }
    return render(request, "accounts/security/log.html", context)


@require_POST
def end_one(request: HttpRequest, public_id: str) -> HttpResponse:
    """Sign out one device of mine; anybody else's does not exist."""
    session = find_session(public_id, signed_in_user(request))
    if session is None:
        raise Http404
    sign_out_device(session=session, address=client_address(request))
    messages.success(request, _("That device is signed out."))
    return redirect("security:centre")


@require_POST
def forget(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make one browser of mine new again for payments; anybody else's does not exist."""
    if not forget_device(user=signed_in_user(request), public_id=public_id):
        raise Http404
    messages.success(request, _("That browser is forgotten. Payments from it are from a new one."))
    return redirect("security:centre")
