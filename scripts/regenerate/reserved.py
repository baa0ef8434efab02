"""Names that models of the generated package use inside their methods or have as methods.

A field of such a name gets an underscore, as `class` and `self` do upstream.
"""

from __future__ import annotations

TAKEN_FIELDS = frozenset(
    [
        "additional_keys",
        "additional_properties",
        "cast",
        "cls",
        "d",
        "field_dict",
        "files",
        "from_dict",
        "json",
        "prop",
        "prop_dict",
        "prop_name",
        "to_dict",
        "to_multipart",
        "types",
    ]
)
