"""`attrs` that is imported late: at a class's first instance, so that importing the client does not pay for it.

To type checkers these are the functions of `attrs`. At run time a class stays plain until it is first called, unpickled
or looked at by `attrs.fields` or `inspect.signature`; then attrs completes it in place, which is why it has no slots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modellix._fork import no_fork


class _Field(dict[str, Any]):
    """The arguments of an `attrs.field` to come."""


if TYPE_CHECKING:
    from attrs import define, evolve, field, frozen
else:

    def field(**options):
        """As `attrs.field`."""
        return _Field(options)

    def define(record=None, /, **options):
        """As `attrs.define`, without slots."""

        def mark(cls):
            complete = _Completion(cls, options)

            def begin(self, *args, **kwargs):
                complete()
                cls.__init__(self, *args, **kwargs)

            def restore(self, state):
                complete()
                self.__dict__.update(state)

            cls.__init__, cls.__setstate__ = begin, restore
            cls.__attrs_attrs__ = _Late(complete, lambda: cls.__attrs_attrs__)
            cls.__signature__ = _Late(complete, lambda: None)
            return cls

        return mark if record is None else mark(record)

    def frozen(record=None, /, **options):
        """As `attrs.frozen`, without slots."""
        return define(record, frozen=True, on_setattr=None, **options)

    def evolve(record, /, **changes):
        """As `attrs.evolve`."""
        import attrs  # there already: the record is complete

        return attrs.evolve(record, **changes)


class _Completion:
    """Called, it completes the class, once. The gate of forks keeps other threads out, too."""

    def __init__(self, cls: type, options: dict[str, Any]) -> None:
        self._cls = cls
        self._options = options
        self._is_done = False

    def __call__(self) -> None:
        with no_fork():
            if not self._is_done:
                self._complete()
                self._is_done = True

    def _complete(self) -> None:
        import attrs

        for name, value in list(vars(self._cls).items()):
            if isinstance(value, _Field):
                setattr(self._cls, name, attrs.field(**value))
        # `init` is said, since attrs would take ours for one to be kept.
        attrs.define(self._cls, slots=False, init=True, **self._options)


class _Late:
    """An attribute of the class whose value is known when the class is complete."""

    def __init__(self, complete: Any, value: Any) -> None:
        self._complete = complete
        self._value = value

    def __get__(self, instance: object, owner: type) -> Any:
        self._complete()
        return self._value()


__all__ = ["define", "evolve", "field", "frozen"]
