# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The methods that submit, one object each, and the namespaces that hold them.

`T` is what submitting gives: a task, or a coroutine that gives one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from .lazy import Later, unknown
from .operations import SubmissionRequest

T = TypeVar("T")


class Namespace(Generic[T]):
    """Holds methods, or other namespaces; each is imported when it is first used."""

    def __init__(self, submit: Callable[[SubmissionRequest], T]) -> None:
        self._submit = submit

    def __repr__(self) -> str:
        names = (name for name, value in vars(type(self)).items() if isinstance(value, Later))
        return f"{type(self).__name__}({', '.join(names)})"

    if not TYPE_CHECKING:  # A checker that saw it would take any name for one of ours.

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(unknown(f"{type(self).__name__!r} object", name, dir(type(self))))


class Method(Generic[T]):
    """Makes a request of its arguments and submits it."""

    REQUEST: ClassVar[type[SubmissionRequest]]

    def __init__(self, submit: Callable[[SubmissionRequest], T]) -> None:
        self._submit = submit
        self.__doc__ = type(self).__call__.__doc__  # not the class's too, as `help` would show it twice

    def __call__(self, *args: Any, **values: Any) -> T:
        raise NotImplementedError

    def __repr__(self) -> str:
        from inspect import Signature, signature

        names = [one.replace(annotation=one.empty) for one in signature(self).parameters.values()]
        return f"<{'.'.join(type(self).__module__.split('.')[-2:])}{Signature(names)}>"

    @property
    def limits(self) -> dict[str, Any]:
        """What each field takes, as plain data of your own, by the name of its parameter.

        A field has the keywords of its JSON Schema: type, limits, options, default, description. Instead of a list,
        `required` is true or false for each field, also inside objects. References are written out.
        """
        from .forms import form_of

        return form_of(self.REQUEST)
