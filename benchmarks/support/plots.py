"""Draws the plots of benchmarks/README.md: text as text, in the colours of the page, light or dark."""

import math
from xml.sax.saxutils import escape

STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #333 }
.soft { fill: #777 } .grid { stroke: #ddd } .budget { stroke: #c33; stroke-width: 2 }
.ours { fill: #2468b4 } .peer { fill: #999; stroke: #fff } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .soft { fill: #999 } .grid { stroke: #444 } .budget { stroke: #f66 }
.ours { fill: #6cb0ff } .peer { fill: #888; stroke: #222 }
}
</style>"""

COLOURS = ["#2f7ed8", "#d9812b", "#3a9b4b", "#c8475b", "#8c6bc4", "#8f7a4b"]


def svg(width, height, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    return "\n".join([head, STYLE, *parts, "</svg>", ""])


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def ratios(rows):
    """Rows of (label, our ratio, the budget's or None, {peer: ratio}), a bar each, on a logarithmic scale."""
    left, right, top, step = 460, 940, 48, 24
    last = max([100, *(r for row in rows for r in [row[1], *row[3].values()])])
    x = lambda ratio: left + (right - left) * math.log(max(ratio, 1)) / math.log(last)
    bottom = top + step * len(rows)
    parts = [text(left, 18, "times the floor: bars are ours, red is the budget, grey dots are others")]
    for ratio in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]:
        if ratio <= last:
            parts += [line(x(ratio), top - 8, x(ratio), bottom, "grid"), text(x(ratio), top - 12, str(ratio), "soft", "middle")]
    for i, (label, ours, budget, peers) in enumerate(rows):
        y = top + step * i
        parts.append(text(left - 8, y + 13, label, anchor="end"))
        bar = f'<rect class="ours" x="{left}" y="{y + 3}" width="{max(x(ours) - left, 1):.1f}" height="12">'
        parts.append(f"{bar}<title>{ours:.2f}</title></rect>")
        for peer, ratio in peers.items():
            dot = f'<circle class="peer" cx="{x(ratio):.1f}" cy="{y + 9}" r="4">'
            parts.append(f"{dot}<title>{escape(peer)} {ratio:.1f}</title></circle>")
        if budget:
            parts.append(line(x(budget), y, x(budget), y + 18, "budget"))
    return svg(right + 20, bottom + 12, parts)


def growth(families):
    """{name: [(size, time)]}: each as a multiple of what it takes at its smallest size."""
    left, right, top, bottom = 48, 560, 40, 320
    if not families:
        return svg(right, bottom, [])
    lines = {name: [(n, t / min(points)[1]) for n, t in sorted(points)] for name, points in families.items()}
    sizes = [n for points in lines.values() for n, _ in points]
    highest = max(2, *(r for points in lines.values() for _, r in points))
    lowest = min(1, *(r for points in lines.values() for _, r in points))
    x = lambda n: left + (right - left) * math.log(n / min(sizes)) / math.log(max(sizes) / min(sizes))
    y = lambda r: bottom - (bottom - top) * math.log(r / lowest) / math.log(highest / lowest)
    parts = [text(left, 18, "time of an operation among n, or of one of n, as a multiple of that at the smallest n")]
    for r in [0.5, 1, 2, 5, 10, 20, 50]:
        if lowest <= r <= highest:
            parts += [line(left, y(r), right, y(r), "grid"), text(left - 6, y(r) + 4, f"{r:g}", "soft", "end")]
    for n in [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20]:
        if min(sizes) <= n <= max(sizes):
            parts.append(text(x(n), bottom + 18, f"{n:,}", "soft", "middle"))
    ends = []
    for colour, (name, points) in zip(COLOURS, lines.items()):
        path = " ".join(f"{x(n):.1f},{y(r):.1f}" for n, r in points)
        parts.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
        ends.append((y(points[-1][1]), colour, name))
    below = 0
    for height, colour, name in sorted(ends):  # names do not cover each other
        below = max(height, below + 15)
        parts.append(f'<text x="{right + 8}" y="{below + 4:.1f}" style="fill: {colour}">{escape(name)}</text>')
    return svg(right + 290, max(bottom + 28, below + 12), parts)
