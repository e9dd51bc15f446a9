"""Boot stubs."""


class _Pass:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class RequestGuardMiddleware(_Pass): ...


class PageHeadersMiddleware(_Pass): ...


class PreferencesMiddleware(_Pass): ...
