"""One clear message for the packages that only the `testing` extra installs."""


def missing_extra(package: str | None) -> ImportError:
    """The error to raise when `package` cannot be imported."""
    return ImportError(f"modellix.testing needs {package}: pip install modellix-client[testing]", name=package)
