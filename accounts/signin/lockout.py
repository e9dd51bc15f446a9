"""Boot stub."""


def keyed_name(request, credentials):
    return ""


def locked_response(request, credentials, *args):
    raise NotImplementedError
