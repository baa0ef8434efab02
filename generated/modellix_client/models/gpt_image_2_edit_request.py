# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..constraints import check_assignment, check_model, check_source, get_item, set_item
from ..fields import Field as _Field
from ..fields import SequenceOf
from ..fields import as_held as _as_held
from ..fields import fill as _fill
from ..fields import optional as _optional
from ..models.gpt_image_2_edit_quality import GptImage2EditQuality, check_gpt_image_2_edit_quality
from ..models.gpt_image_2_edit_size import GptImage2EditSize, check_gpt_image_2_edit_size
from ..operations import Operation, SubmissionRequest
from ..types import UNSET, Unset

T = TypeVar("T", bound="GptImage2EditRequest")


@_attrs_define(init=False, on_setattr=check_assignment)
class GptImage2EditRequest(SubmissionRequest):
    """One or several pictures to be edited as a prompt says.

    Attributes:
        images (required): The pictures to edit. A list, 1 to 16 elements, each text, an https URL.
        prompt (required): What the picture should show, or what should be changed in it. Length counts characters,
            that is Unicode code points. Text, 1 to 32000 characters.
        size: Width x height of the picture in pixels. One of '1024x1024', '1536x1024', '1024x1536', '2048x2048',
            '2048x1152', '3840x2160', '2160x3840'. If it is left out, the service takes '1024x1024'.
        quality: `low` is a fast draft, `medium` a balance, `high` the best. One of 'low', 'medium', 'high'. If it is
            left out, the service takes 'low'.
    """

    OPERATION: ClassVar[Operation] = Operation("gpt_image_2_edit", "POST", "/openai/gpt-image-2-edit/async", "openai")

    images: _Field[list[str], SequenceOf[str]]
    prompt: str
    size: _Field[GptImage2EditSize | Unset, GptImage2EditSize | Unset | None] = _optional()
    quality: _Field[GptImage2EditQuality | Unset, GptImage2EditQuality | Unset | None] = _optional()
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=lambda: {})

    def __init__(
        self,
        images: SequenceOf[str],
        prompt: str,
        size: GptImage2EditSize | Unset | None = UNSET,
        quality: GptImage2EditQuality | Unset | None = UNSET,
    ) -> None:
        _fill(self, images=_as_held(images), prompt=prompt, size=size, quality=quality)

    def __attrs_post_init__(self) -> None:
        check_model(self)

    def to_dict(self) -> dict[str, Any]:
        _images = self.images
        images: list[str]
        images = _images

        prompt = self.prompt

        _size = self.size
        size: str | Unset = UNSET
        if not isinstance(_size, Unset):
            size = _size

        _quality = self.quality
        quality: str | Unset = UNSET
        if not isinstance(_quality, Unset):
            quality = _quality

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "images": images,
                "prompt": prompt,
            }
        )
        if size is not UNSET:
            field_dict["size"] = size
        if quality is not UNSET:
            field_dict["quality"] = quality

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = check_source(cls, src_dict)
        images = cast(list[str], d.pop("images"))

        prompt = d.pop("prompt")

        _size = d.pop("size", UNSET)
        size: GptImage2EditSize | Unset
        if isinstance(_size, Unset):
            size = UNSET
        else:
            size = check_gpt_image_2_edit_size(_size)

        _quality = d.pop("quality", UNSET)
        quality: GptImage2EditQuality | Unset
        if isinstance(_quality, Unset):
            quality = UNSET
        else:
            quality = check_gpt_image_2_edit_quality(_quality)

        gpt_image_2_edit_request = cls(
            images=images,
            prompt=prompt,
            size=size,
            quality=quality,
        )

        gpt_image_2_edit_request.additional_properties = d
        return gpt_image_2_edit_request

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return get_item(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        set_item(self, key, value)

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
