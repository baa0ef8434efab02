# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.get_result import GetResult


T = TypeVar("T", bound="Submission")


@_attrs_define
class Submission:
    """The accepted task.

    Attributes:
        status (str): A task starts as `pending`.
        task_id (str): Opaque.
        model_id (str): The model that works on the task.
        get_result (GetResult | None | Unset):
    """

    status: str
    task_id: str
    model_id: str
    get_result: GetResult | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=lambda: {})

    def to_dict(self) -> dict[str, Any]:
        from ..models.get_result import GetResult  # noqa: PLC0415

        status = self.status

        task_id = self.task_id

        model_id = self.model_id

        get_result: dict[str, Any] | None | Unset
        if isinstance(self.get_result, Unset):
            get_result = UNSET
        elif isinstance(self.get_result, GetResult):
            get_result = self.get_result.to_dict()
        else:
            get_result = self.get_result

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "task_id": task_id,
                "model_id": model_id,
            }
        )
        if get_result is not UNSET:
            field_dict["get_result"] = get_result

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.get_result import GetResult  # noqa: PLC0415

        d = dict(src_dict)
        status = d.pop("status")

        task_id = d.pop("task_id")

        model_id = d.pop("model_id")

        def _parse_get_result(data: object) -> GetResult | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                get_result_type_0 = GetResult.from_dict(cast("dict[str, Any]", data))

                return get_result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(GetResult | None | Unset, data)

        get_result = _parse_get_result(d.pop("get_result", UNSET))

        submission = cls(
            status=status,
            task_id=task_id,
            model_id=model_id,
            get_result=get_result,
        )

        submission.additional_properties = d
        return submission

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
