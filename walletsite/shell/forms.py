"""Boot stub."""

from django.forms.renderers import TemplatesSetting


class WalletFormRenderer(TemplatesSetting): ...
