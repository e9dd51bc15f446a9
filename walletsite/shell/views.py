"""Boot stub."""

from django.http import HttpResponse


def csrf_failure(request, reason=""):
    return HttpResponse("forbidden", status=403)
