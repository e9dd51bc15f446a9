"""Tells a guided view which page its customer has open."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.guiding.models import GuidedView
from accounts.guiding.services import note_place

GetResponse = Callable[[HttpRequest], HttpResponse]
# Where the banner, which every page of a customer shows, leaves the view that is on.
FIELD = "guided_view"


class GuidedPlaceMiddleware:
    """Costs nothing while no view is on: the banner has asked already."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        view: GuidedView | None = getattr(request, FIELD, None)
        if view is not None and request.resolver_match is not None:
            note_place(view=view, view_name=request.resolver_match.view_name)
        return response
