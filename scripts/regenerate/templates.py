"""Upstream's templates with our changes, each an exact text that must stand there exactly once.

So nothing of upstream is copied, and an upstream that moves stops the generation instead of losing a change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from jinja2 import BaseLoader, Environment, FileSystemLoader, TemplateNotFound

from scripts.regenerate.refusal import Refusal

FOLDER = Path(__file__).parents[2] / "openapi" / "templates"


class Change(NamedTuple):
    """In this template of upstream, `old` becomes `new`."""

    template: str
    old: str
    new: str


def _hidden_dict(name: str, kind: str) -> Change:
    old = f'field(factory=dict, kw_only=True, alias="{name}")'
    return Change("client.py.jinja", old, f'field(factory=dict[str, {kind}], kw_only=True, alias="{name}", repr=False)')


CHANGES = (
    # One UNSET for all: models that are copied or pickled still know which fields were left out. It prints as itself.
    Change(
        "types.py.jinja",
        "class Unset:\n",
        "class Unset:\n"
        '    def __reduce__(self) -> str:\n        return "UNSET"\n\n'
        '    def __repr__(self) -> str:\n        return "UNSET"\n\n',
    ),
    # Tuples instead of classes of attrs, which is imported when a client is made.
    Change("types.py.jinja", "from attrs import define\n", ""),
    Change("types.py.jinja", "from typing import ", "from typing import NamedTuple, "),
    Change("types.py.jinja", "@define\nclass File:", "class File(NamedTuple):"),
    Change("types.py.jinja", "@define\nclass Response(Generic[T]):", "class Response(NamedTuple, Generic[T]):"),
    # Request models check themselves, and take more than they hold.
    Change(
        "model.py.jinja",
        "from attrs import field as _attrs_field\n",
        "from attrs import field as _attrs_field\n"
        "{% set checked = is_checked(model) %}\n"
        "{% set operation = operation(model) %}\n"
        "{% if checked %}\n"
        "from ..constraints import check_assignment, check_model, check_source, get_item, set_item\n"
        "from ..fields import Field as _Field, SequenceOf, as_held as _as_held, fill as _fill\n"
        "from ..fields import nullable as _nullable, optional as _optional\n"
        "{% endif %}\n"
        "{% if operation %}\n"
        "from typing import ClassVar\n"
        "from ..operations import Operation, SubmissionRequest\n"
        "{% endif %}\n",
    ),
    # The request of a submission knows its operation.
    Change(
        "model.py.jinja",
        "class {{ class_name }}:\n",
        "class {{ class_name }}{% if operation %}(SubmissionRequest){% endif %}:\n",
    ),
    Change(
        "model.py.jinja",
        "    {% for property in model.required_properties + model.optional_properties %}\n"
        "    {% if property.default is none and property.required %}\n",
        "    {% if operation %}\n"
        "    OPERATION: ClassVar[Operation] = {{ operation }}\n\n"
        "    {% endif %}\n"
        "    {% for property in model.required_properties + model.optional_properties %}\n"
        "    {% if property.default is none and property.required %}\n",
    ),
    Change(
        "model.py.jinja",
        "@_attrs_define\n",
        "@_attrs_define{% if checked %}(init=False, on_setattr=check_assignment){% endif +%}\n",
    ),
    Change(
        "model.py.jinja",
        "{%- else -%}\n{{ property.to_string() | as_unembedded_code }}\n",
        "{%- else -%}\n{{ declaration(model, property) }}\n",
    ),
    Change(
        "model.py.jinja",
        "    {{ docstring(class_docstring_content(model)) | indent(4) }}\n",
        "    {% if checked %}\n"
        '    """{{ model_docstring(model) }}"""\n'
        "    {% else %}\n"
        "    {{ docstring(class_docstring_content(model)) | indent(4) }}\n"
        "    {% endif %}\n",
    ),
    # Pyright does not narrow what a field holds, only a variable with it.
    Change(
        "model.py.jinja",
        '{{ _transform_property(property, "self." + property.python_name) }}\n',
        "{% if takes_more(model, property) %}\n"
        "_{{ property.python_name }} = self.{{ property.python_name }}\n"
        '{{ _transform_property(property, "_" + property.python_name) }}\n'
        "{% else %}\n"
        '{{ _transform_property(property, "self." + property.python_name) }}\n'
        "{% endif %}\n",
    ),
    Change(
        "model.py.jinja",
        "{% macro _transform_property(property, content) %}",
        "    {% if checked %}\n"
        "    def __init__(self{% for one in in_order(model) %}, {{ parameter(one) }}{% endfor %}) -> None:\n"
        "        _fill(self{% for one in in_order(model) %}, {{ argument(one) }}{% endfor %})\n"
        "\n"
        "    def __attrs_post_init__(self) -> None:\n"
        "        check_model(self)\n"
        "    {% endif %}\n"
        "{% macro _transform_property(property, content) %}",
    ),
    Change(
        "model.py.jinja",
        "d = dict(src_dict)\n",
        "d = {% if checked %}check_source(cls, src_dict){% else %}dict(src_dict){% endif +%}\n",
    ),
    # A name that is a field is the field: beside it the same name would be sent by nobody.
    Change(
        "model.py.jinja",
        "return self.additional_properties[key]\n",
        "return {% if checked %}get_item(self, key){% else %}self.additional_properties[key]{% endif +%}\n",
    ),
    Change(
        "model.py.jinja",
        "self.additional_properties[key] = value\n",
        "{%+ if checked %}set_item(self, key, value){% else %}self.additional_properties[key] = value{% endif +%}\n",
    ),
    # The key is neither shown nor stored, no call lasts for ever, and an undocumented status is an error.
    Change(
        "client.py.jinja",
        '"token": namespace(type="str", default=""',
        '"token": namespace(type="str", default="field(repr=False)"',
    ),
    _hidden_dict("cookies", "str"),
    _hidden_dict("headers", "str"),
    _hidden_dict("httpx_args", "Any"),
    Change(
        "client.py.jinja",
        'field(default=None, kw_only=True, alias="timeout")',
        'field(factory=lambda: httpx.Timeout(30.0), kw_only=True, alias="timeout")',
    ),
    Change(
        "client.py.jinja", 'default="field(default=False, kw_only=True)"', 'default="field(default=True, kw_only=True)"'
    ),
    Change(
        "client.py.jinja",
        "{% macro builders(self) %}\n",
        "{% macro builders(self) %}\n"
        "    def __reduce_ex__(self, protocol: object) -> str:\n"
        '        raise TypeError(f"a {type(self).__name__} holds connections and a key: no copies, no pickles")\n\n',
    ),
    # Bodies are checked before they are sent, and odd replies are errors of one kind.
    Change(
        "endpoint_module.py.jinja",
        "from ... import errors\n",
        "from ... import errors\nfrom ...constraints import check_json\n",
    ),
    Change(
        "endpoint_module.py.jinja",
        "status_code=HTTPStatus(response.status_code),",
        "status_code=errors.known_status(response),",
    ),
    Change(
        "endpoint_module.py.jinja",
        "parsed=_parse_response(client=client, response=response),",
        "parsed=errors.read_reply(response, lambda: _parse_response(client=client, response=response)),",
    ),
    Change(
        "endpoint_macros.py.jinja",
        "{{ json_body(body) }}",
        "{% if body.prop.required %}\n"
        '_kwargs["json"] = check_json({{ schema_name(body) }}, body)\n'
        "{% else %}\n"
        "if not isinstance(body, Unset):\n"
        '    _kwargs["json"] = check_json({{ schema_name(body) }}, body)\n'
        "{% endif %}",
    ),
    Change(
        "endpoint_macros.py.jinja",
        "    httpx.TimeoutException: If",
        "    errors.UnreadableReply: If the reply is not what the document describes.\n    httpx.TimeoutException: If",
    ),
    # Strict type checkers want to know what is in an empty list or dictionary.
    Change("model.py.jinja", "_attrs_field(init=False, factory=dict)", "_attrs_field(init=False, factory=lambda: {})"),
    Change(
        "property_templates/model_property.py.jinja",
        "{{ property.class_info.name }}.from_dict({{ source }})",
        '{{ property.class_info.name }}.from_dict(cast("dict[str, Any]", {{ source }}))',
    ),
    Change(
        "property_templates/list_property.py.jinja",
        "{{ property.python_name }} = []\n_{{ property.python_name }} = {{ source }}\n",
        "{{ property.python_name }}: {{ property.get_type_string() | as_unembedded_code }} = []\n"
        "_{{ property.python_name }} = {{ source }}\n",
    ),
    Change(
        "property_templates/list_property.py.jinja",
        '{% if property.required %}\n{{ _transform(property, source, destination, "to_dict") }}',
        "{% if property.required %}\n{% if declare_type %}\n{{ destination }}: {{ type_string }}\n{% endif %}\n"
        '{{ _transform(property, source, destination, "to_dict") }}',
    ),
)


class ChangedLoader(BaseLoader):
    """Templates of ours first, then those of upstream with `CHANGES` made."""

    def __init__(self, upstream: BaseLoader) -> None:
        self._ours = FileSystemLoader(FOLDER)
        self._upstream = upstream

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        try:
            return self._ours.get_source(environment, template)
        except TemplateNotFound:
            text, name, is_fresh = self._upstream.get_source(environment, template)
        for change in CHANGES:
            if change.template == template:
                text = _apply(change, text)
        return text, name, is_fresh


def _apply(change: Change, text: str) -> str:
    if text.count(change.old) != 1:
        raise Refusal(
            "",
            f"upstream's template {change.template} has moved: {change.old!r} is there {text.count(change.old)} times",
        )
    return text.replace(change.old, change.new)
