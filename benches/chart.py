"""Draws throughput by input size, a line for each program, as SVG for light and dark pages."""
import math
from collections import namedtuple

from record import significant, size

Drawn = namedtuple("Drawn", "svg labels")

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 292, 34, 44
FOOT = HEIGHT - BOTTOM
# The page below it may have another scheme than the picture, which then brings its own ground.
STYLE = """
  .page { fill: #fff; }
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .axis { fill: #59636e; } .grid { stroke: #d1d9e0; stroke-width: 1; }
  polyline { fill: none; stroke-width: 2; } .ours { stroke-width: 3; } .name { font-weight: 600; }
  .s0 { stroke: #0969da; } .s1 { stroke: #0550ae; stroke-dasharray: 7 3; } .s2 { stroke: #bc4c00; }
  .s3 { stroke: #8250df; } .s4 { stroke: #1a7f37; } .s5 { stroke: #818b98; }
  circle { stroke-width: 2; fill: none; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #16191d; } text { fill: #f0f6fc; } .axis { fill: #9198a1; } .grid { stroke: #3d444d; }
    .s0 { stroke: #58a6ff; } .s1 { stroke: #79c0ff; } .s2 { stroke: #f0883e; }
    .s3 { stroke: #bc8cff; } .s4 { stroke: #3fb950; } .s5 { stroke: #9198a1; }
  }
"""


def series(cases):
    """Names, classes and points (bytes, MB/s): ours for both shares, others for the typical one."""
    wanted = [
        ("restore-images, 1 in 100 edited", "restore-images", 1, "s0 ours"),
        ("restore-images, all edited", "restore-images", 100, "s1 ours"),
        ("kpt set-image", "set-image", 1, "s2"),
        ("kustomize images", "kustomize", 1, "s3"),
        ("identity function", "identity", 1, "s4"),
        ("cat", "cat", 1, "s5"),
    ]
    for label, name, percent, style in wanted:
        # A share between the two has one agent among few Deployments, and stands for both.
        points = [
            (case["bytes"], case["programs"][name]["MB/s"])
            for case in cases
            if name in case["programs"] and case["percent"] not in {1, 100} - {percent}
        ]
        if points:
            yield label, style, points


def apart(wanted):
    """Baselines near the wanted ones that leave each label its line."""
    placed = {}
    floor = -math.inf
    for label in sorted(wanted, key=wanted.get):
        floor = placed[label] = max(wanted[label], floor + 14)
    return placed


def draw(cases):
    """The chart, and the labels with figures that it shows."""
    lines = list(series(cases))
    spots = [point for _, _, points in lines for point in points]
    low, high = (math.log10(f(x for x, _ in spots)) for f in (min, max))
    slow = math.floor(math.log10(min(y for _, y in spots)))
    fast = math.ceil(math.log10(max(y for _, y in spots)))

    def across(count):
        return LEFT + (math.log10(count) - low) / (high - low or 1) * (WIDTH - LEFT - RIGHT)

    def up(speed):
        return FOOT - (math.log10(speed) - slow) / (fast - slow) * (FOOT - TOP)

    parts = []
    for power in range(slow, fast + 1):
        y = up(10**power)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        tick = significant(10**power) if power < 0 else f"{10**power:,}"
        parts.append(f'<text class="axis" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick}</text>')
    # Sizes of both shares differ by little; one tick for them.
    ticks = {size(case["bytes"]): case["bytes"] for case in cases if case["percent"] != 100}
    for name, count in ticks.items():
        x = across(count)
        parts.append(f'<text class="axis" x="{x:.1f}" y="{FOOT + 20}" text-anchor="middle">{name}</text>')
    texts = {label: f"{label}: {significant(points[-1][1])}" for label, _, points in lines}
    baselines = apart({label: up(points[-1][1]) + 4 for label, _, points in lines})
    for label, style, points in lines:
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        parts.append(f'<polyline class="{style}" points="{path}"/>')
        for x, y in points:
            parts.append(f'<circle class="{style}" cx="{across(x):.1f}" cy="{up(y):.1f}" r="2.5"/>')
        weight = "name" if "ours" in style else "other"
        x, y = across(points[-1][0]) + 8, baselines[label]
        parts.append(f'<text class="{weight}" x="{x:.1f}" y="{y:.1f}">{texts[label]}</text>')
    title = "MB/s by size of the ResourceList, both logarithmic; more is better"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{title}</title><style>{STYLE}</style>\n"
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>\n'
        f'<text x="{LEFT}" y="18">{title}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )
    return Drawn(svg, list(texts.values()))
