"""Boot stub."""


def client_address(request):
    return request.META.get("REMOTE_ADDR", "")
