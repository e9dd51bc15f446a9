"""Boot stub."""


def shell(request):
    return {}
