"""Boot stub."""

from django import template

register = template.Library()
