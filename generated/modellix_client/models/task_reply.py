# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.task_state import TaskState


T = TypeVar("T", bound="TaskReply")


@_attrs_define
class TaskReply:
    """A task was found.

    Attributes:
        code (int): 0 says that the request succeeded.
        message (str): For people; `success` in the samples.
        data (TaskState): A task as it stands.
    """

    code: int
    message: str
    data: TaskState
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=lambda: {})

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        message = self.message

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "message": message,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_state import TaskState  # noqa: PLC0415

        d = dict(src_dict)
        code = d.pop("code")

        message = d.pop("message")

        data = TaskState.from_dict(cast("dict[str, Any]", d.pop("data")))

        task_reply = cls(
            code=code,
            message=message,
            data=data,
        )

        task_reply.additional_properties = d
        return task_reply

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
