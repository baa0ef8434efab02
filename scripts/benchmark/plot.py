"""A scenario as bars in SVG. It brings its own ground, so it is readable on light and dark pages alike."""

from __future__ import annotations

from html import escape

from scripts.benchmark.measuring import Scenario

WIDTH, ROW, LABEL, NUMBERS, EDGE = 720, 30, 210, 160, 16
STYLE = """
.ground { fill: #ffffff } .line { stroke: #57606a } text { fill: #1f2328; font: 14px system-ui, sans-serif }
.ours { fill: #0969da } .other { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 } .line { stroke: #9198a1 } text { fill: #f0f6fc }
  .ours { fill: #4493f8 } .other { fill: #656c76 }
}
"""


def svg(scenario: Scenario) -> str:
    """The bars, one a peer; the line stands where the peer is that all are compared with."""
    height = 2 * EDGE + ROW * len(scenario.rows)
    room = WIDTH - LABEL - NUMBERS - 2 * EDGE
    scale = room / max(row.value for row in scenario.rows)
    reference = next(row.value for row in scenario.rows if row.name == scenario.beside)
    at = EDGE + LABEL + reference * scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(described(scenario))}</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        *(_bar(scenario, number, scale) for number in range(len(scenario.rows))),
        f'<line class="line" x1="{at:.0f}" x2="{at:.0f}" y1="{EDGE}" y2="{height - EDGE}" stroke-dasharray="4 4"/>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(scenario: Scenario, number: int, scale: float) -> str:
    row, top = scenario.rows[number], EDGE + ROW * number
    kind, base = ("ours" if row.name.startswith("modellix") else "other"), top + 20
    width = max(1.0, row.value * scale)
    numbers = f"{row.value:,.{digits(row.value)}f}  ({row.ratio:.2f} ×)"
    return (
        f'<text x="{EDGE}" y="{base}">{escape(row.name)}</text>'
        f'<rect class="{kind}" x="{EDGE + LABEL}" y="{top + 5}" width="{width:.0f}" height="{ROW - 10}" rx="2"/>'
        f'<text x="{WIDTH - EDGE}" y="{base}" text-anchor="end">{numbers}</text>'
    )


def digits(value: float) -> int:
    """How many to show behind the point."""
    return 0 if value >= 10 else 2


def described(scenario: Scenario) -> str:
    """The plot in words, for whoever does not see it."""
    told = ", ".join(f"{row.name} {row.value:,.{digits(row.value)}f}" for row in scenario.rows)
    return f"{scenario.title}, {scenario.unit}: {told}"
