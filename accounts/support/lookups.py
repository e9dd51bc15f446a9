"""What the address of a list in the admin may filter by: what the list's own filters write.

Django lets a list be filtered by every field of its rows, shown or not: by halving, `?field__gte=`
finds any balance, and `?password__startswith=` any hash, without a reason and without a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin

# What Django's filters and the date hierarchy put behind the name of a field; no way to another
# table is among them.
_ENDS = frozenset({"", "exact", "id__exact", "isnull", "gte", "lt", "year", "month", "day"})


def is_own_filter(
    page: AnyAdmin, lookup: str, _value: str, request: HttpRequest | None = None
) -> bool:
    """Stands in the place of `ModelAdmin.lookup_allowed` on every page of the site."""
    return any(
        lookup == name or (lookup.startswith(f"{name}__") and lookup[len(name) + 2 :] in _ENDS)
        for name in filter_names(page)
    )


def filter_names(page: AnyAdmin) -> set[str]:
    """The fields and parameters of the filters beside a list."""
    names = {page.date_hierarchy or ""}
    for each in page.list_filter or ():
        name = each[0] if isinstance(each, list | tuple) else each
        names.add(name if isinstance(name, str) else str(getattr(name, "parameter_name", "")))
    return names - {""}
