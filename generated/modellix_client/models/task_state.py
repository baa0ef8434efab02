# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.result import Result


T = TypeVar("T", bound="TaskState")


@_attrs_define
class TaskState:
    """A task as it stands.

    Attributes:
        status (str): `pending` and `processing` go on, `success` and `failed` are the end. The vendor's clients also
            know `canceled` and other words; readers keep the set open.
        task_id (None | str | Unset):
        model_id (None | str | Unset):
        result (None | Result | Unset):
        error (Any | Unset): What went wrong. Its shape is not documented, so any JSON value.
        duration (float | None | Unset): How long the task took. Seen, but its unit is not documented.
        result_expires_at (int | None | Unset): When the result is deleted, in milliseconds since 1970-01-01 UTC. About
            7 days after the end.
    """

    status: str
    task_id: None | str | Unset = UNSET
    model_id: None | str | Unset = UNSET
    result: None | Result | Unset = UNSET
    error: Any | Unset = UNSET
    duration: float | None | Unset = UNSET
    result_expires_at: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=lambda: {})

    def to_dict(self) -> dict[str, Any]:
        from ..models.result import Result  # noqa: PLC0415

        status = self.status

        task_id: None | str | Unset
        if isinstance(self.task_id, Unset):
            task_id = UNSET
        else:
            task_id = self.task_id

        model_id: None | str | Unset
        if isinstance(self.model_id, Unset):
            model_id = UNSET
        else:
            model_id = self.model_id

        result: dict[str, Any] | None | Unset
        if isinstance(self.result, Unset):
            result = UNSET
        elif isinstance(self.result, Result):
            result = self.result.to_dict()
        else:
            result = self.result

        error = self.error

        duration: float | None | Unset
        if isinstance(self.duration, Unset):
            duration = UNSET
        else:
            duration = self.duration

        result_expires_at: int | None | Unset
        if isinstance(self.result_expires_at, Unset):
            result_expires_at = UNSET
        else:
            result_expires_at = self.result_expires_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
            }
        )
        if task_id is not UNSET:
            field_dict["task_id"] = task_id
        if model_id is not UNSET:
            field_dict["model_id"] = model_id
        if result is not UNSET:
            field_dict["result"] = result
        if error is not UNSET:
            field_dict["error"] = error
        if duration is not UNSET:
            field_dict["duration"] = duration
        if result_expires_at is not UNSET:
            field_dict["result_expires_at"] = result_expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.result import Result  # noqa: PLC0415

        d = dict(src_dict)
        status = d.pop("status")

        def _parse_task_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        task_id = _parse_task_id(d.pop("task_id", UNSET))

        def _parse_model_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model_id = _parse_model_id(d.pop("model_id", UNSET))

        def _parse_result(data: object) -> None | Result | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                result_type_0 = Result.from_dict(cast("dict[str, Any]", data))

                return result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Result | Unset, data)

        result = _parse_result(d.pop("result", UNSET))

        error = d.pop("error", UNSET)

        def _parse_duration(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        duration = _parse_duration(d.pop("duration", UNSET))

        def _parse_result_expires_at(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        result_expires_at = _parse_result_expires_at(d.pop("result_expires_at", UNSET))

        task_state = cls(
            status=status,
            task_id=task_id,
            model_id=model_id,
            result=result,
            error=error,
            duration=duration,
            result_expires_at=result_expires_at,
        )

        task_state.additional_properties = d
        return task_state

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
