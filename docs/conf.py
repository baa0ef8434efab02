"""How Sphinx makes a site of these pages: `nox -s site`.

The pages are plain Markdown, good to read unbuilt. What a site needs besides is made here, from what stands in them:
the lists of `index.md` are the sidebar, and each name that `reference.md` lists becomes its docstring.
"""

from __future__ import annotations

import inspect
import operator
import pkgutil
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Literal, get_origin

from docutils.nodes import literal, reference
from sphinx.addnodes import pending_xref
from sphinx.ext.napoleon import GoogleDocstring
from sphinx.util.inspect import signature, stringify_signature
from sphinx.util.typing import stringify_annotation

import modellix
import modellix.testing
import modellix_client.requests
from modellix_client.submissions import SUBMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Element
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "modellix-client"
author = "The authors of modellix-client"
version = release = modellix.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "*.md", "examples/**.md"]
exclude_patterns = [".*", "build", "contract_tests", "generated", "openapi", "report", "scripts", "src", "tests"]
suppress_warnings = ["toc.not_included"]  # what index.md does not list is found by tests/papers

myst_heading_anchors = 3  # as GitHub makes them
default_role = "py:obj"  # `name` in a docstring: a link where it is one of ours, else code
nitpicky = True
nitpick_ignore_regex = [
    ("py:obj", ".*"),
    ("py:.*", rf"(NoneType|required|TypeVar|({'|'.join(sys.stdlib_module_names)}|httpx|respx)\..*)"),
    ("py:.*", r"(modellix(_client)?\..*\.)?[A-Z]\w*"),  # not public, or tests/papers says what is missing
]
autodoc_default_options = {"members": True, "exclude-members": "count, index, see"}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_attr_annotations = False  # the signature has them
toc_object_entries_show_parents = "hide"
copybutton_prompt_text = "$ "

smartquotes_action = "D"  # dashes; quotes would change options

html_theme = "furo"
pygments_dark_style = "github-dark"  # in the theme's own, modules look like links
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_title = f"modellix-client {version}"
html_show_search_summary = False  # it would be fetched, which files on a disk do not allow
html_use_index = False  # the search finds names
html_domain_indices = False
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False


REFERENCE = ("docs/errors", "docs/models", "docs/reference")
HOMES = {name: home.__name__ for home in (modellix.testing, modellix) for name in home.__all__}
OURS = re.compile(rf"(?<![\w.])({'|'.join(HOMES)})(?![\w(])")
LINK = re.compile(r"^(?:-|\|) \[(.+?)\]\((\S+?)\.md\)", re.MULTILINE)  # at the beginning of a line or a row
FIRST_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>modellix-client</title>
<meta http-equiv="refresh" content="0; url=docs/index.html"><a href="docs/index.html">modellix-client</a></html>
"""


def with_sidebar(text: str) -> str:
    """A page of links, with each heading's links as a part of the sidebar."""
    parts = re.split(r"^##? (.+)\n", text, flags=re.MULTILINE)
    found = [(caption, LINK.findall(listed)) for caption, listed in zip(parts[1::2], parts[2::2], strict=True)]
    return "\n".join([text, *(sidebar(caption, links) for caption, links in found if links)])


def sidebar(caption: str, links: list[tuple[str, str]]) -> str:
    pages = "\n".join(f"{title} <{page}>" for title, page in links)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def with_docstrings(text: str) -> str:
    """reference.md, with the docstring of each name that stands alone in a list."""
    return re.sub(
        r"^- `(\S+)`$", lambda found: f"```{{eval-rst}}\n{documented(found[1])}\n```\n", text, flags=re.MULTILINE
    )


def documented(name: str) -> str:
    """The directive for a name."""
    if name in OF_MODELS:
        return "\n".join(OF_MODELS[name]())
    value = pkgutil.resolve_name(name)
    if inspect.isclass(value) and issubclass(value, Exception):
        taken = stringify_signature(signature(value.__init__, bound_method=True), show_return_annotation=False)
        return f".. autoclass:: {name}{taken}\n   :show-inheritance:\n"
    if get_origin(value) is Literal:
        return f".. py:type:: {name}\n   :canonical: {stringify_annotation(value, 'smart')}\n"
    if inspect.isclass(value):
        told = any(base.__name__ in HOMES for base in value.__mro__[1:])  # with the base
        return f".. autoclass:: {name}\n" + ("   :show-inheritance:\n" if told else "   :inherited-members:\n")
    return f".. auto{'function' if inspect.isfunction(value) else 'property'}:: {name}\n"


def methods() -> Iterator[str]:
    """The methods of all models, as a client has them. Nothing is sent."""
    with modellix.Modellix("documented") as client:
        for one in SUBMISSIONS.values():
            found = operator.attrgetter(f"{one.namespace}.{one.method}")(client)
            taken = stringify_signature(signature(found), show_return_annotation=False)  # which is a letter here
            told = textwrap.indent(str(GoogleDocstring(inspect.cleandoc(found.__doc__))), "   ")
            yield f".. py:method:: client.{one.namespace}.{one.method}{taken}\n\n{told}\n"


def requests() -> Iterator[str]:
    """The requests of all models, and the types of their fields."""
    for name in modellix_client.requests.__all__:
        value = getattr(modellix, name)
        if isinstance(value, type):
            yield f".. autoclass:: modellix.{name}\n"
        else:
            yield f".. py:type:: modellix.{name}\n   :canonical: {stringify_annotation(value, 'smart')}\n"


OF_MODELS = {"client.PROVIDER.MODEL(…)": methods, "modellix_client.requests": requests}


def setup(app: Sphinx) -> None:
    """Joins what is made here to Sphinx."""
    app.connect("source-read", read)
    app.connect("autodoc-process-signature", head)
    app.connect("autodoc-process-docstring", link)
    app.connect("doctree-read", cross)
    app.connect("missing-reference", public)
    app.connect("html-page-context", mend, priority=900)  # after the theme
    app.connect("build-finished", finish)


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Changes the text of a page before it is read."""
    source[0] = with_docstrings(source[0]) if page in REFERENCE else source[0]
    source[0] = with_sidebar(source[0]) if page in (root_doc, "examples/README") else source[0]


def link(app: Sphinx, kind: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Our names in a docstring become links. A dot at the beginning of code would be a command."""
    for at, line in enumerate(lines):
        if line.count("`") % 2 == 0 and not line.startswith((":", "    ")):
            parts = re.split(r"(`+.*?`+)", line)
            parts[::2] = [OURS.sub(_linked, part) for part in parts[::2]]
            parts[1::2] = [re.sub(r"^`(\..*)`$", r"``\1``", part) for part in parts[1::2]]
            lines[at] = "".join(parts)


def head(
    app: Sphinx, kind: str, name: str, value: object, options: object, taken: str | None, given: str | None
) -> tuple[str, str | None] | None:
    """Tasks and results are made by the client. A list that is new each time has a name of its own inside."""
    if name.endswith(("Task", "TaskResult")):
        return "", None
    return (taken.replace("= NOTHING", "= …"), given) if taken else None


def _linked(found: re.Match[str]) -> str:
    return f":py:obj:`~{HOMES[found[0]]}.{found[0]}`"


def cross(app: Sphinx, page: Element) -> None:
    """Our names in the text of a page become links too."""
    for code in list(page.findall(literal)):
        home = HOMES.get(code.astext())
        if home and not isinstance(code.parent, reference | pending_xref):
            target = f"{home}.{code.astext()}"
            code.replace_self(pending_xref("", code.deepcopy(), refdomain="py", reftype="obj", reftarget=target))


def public(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: Element) -> Element | None:
    """A type in a signature is named after the module that it is in, and documented where it is imported from."""
    short = node.get("reftarget", "").rpartition(".")[2]
    domain = env.domains.python_domain
    homes = [f"{home}.{short}" for home in ("modellix", "modellix.testing", "modellix_client.operations")]
    known = next((name for name in homes if name in domain.objects), None)
    if node.get("refdomain") != "py" or known is None:
        return None
    node["reftarget"] = known
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", known, node, shown)


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """What axe-core minds in Sphinx and its theme: lists without terms, headings without a level, and what a keyboard
    cannot scroll.
    """
    body = context.get("body", "")
    body = re.sub(r"<dl>\n((?:<dd>.*</dd>\n)+)</dl>", lambda found: _lines(found[1]), body)
    context["body"] = re.sub(r"<pre\b|<div(?= class=\"table-wrapper\b)", r'\g<0> tabindex="0"', body)
    captions = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = captions.replace('role="heading"', 'role="heading" aria-level="2"')


def _lines(listed: str) -> str:
    """The arguments of a long signature, one a line."""
    return listed.replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")


def finish(app: Sphinx, error: Exception | None) -> None:
    """The first page of the site leads to that of the pages."""
    if error is None:
        (app.outdir / "index.html").write_text(FIRST_PAGE, "utf-8")
