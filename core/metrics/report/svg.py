"""Small charts as inline SVG; colours and fonts come from the page's style sheet, and follow its theme."""

import dataclasses
import html
from collections.abc import Mapping, Sequence

Points = Sequence[tuple[float, float]]
LEFT, RIGHT, TOP, BOTTOM = 62, 22, 10, 38
"""Room for ticks and for the title beside them; the last tick reaches over the right edge."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Axes:
    """A plotting area: what its ends mean, and what is written along it. Sizes in pixels."""

    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    x_label: str = ""
    y_label: str = ""
    width: int = 340
    height: int = 240
    percent: bool = True
    whole: bool = False  # along x only whole numbers mean something: epochs

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where the point (x, y) lies in the picture."""
        right = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1)
        across, down = self.width - LEFT - RIGHT, self.height - TOP - BOTTOM
        return LEFT + right * across, TOP + (1 - up) * down

    def frame(self) -> str:
        """Grid, ticks and labels."""
        parts = []
        for k in range(5):
            y = self.y[0] + k / 4 * (self.y[1] - self.y[0])
            left, py = self.at(self.x[0], y)
            parts.append(
                f'<line class="grid" x1="{left:.1f}" x2="{self.width - RIGHT}" y1="{py:.1f}" y2="{py:.1f}"/>'
            )
            parts.append(_text(left - 6, py + 4, self._tick(y, self.percent), "end"))
        for x in self._across():
            px, bottom = self.at(x, self.y[0])
            parts.append(_text(px, bottom + 15, self._tick(x, self.x == (0.0, 1.0)), "middle"))
        parts.append(_text((LEFT + self.width) / 2, self.height - 6, self.x_label, "middle"))
        middle = (self.height - BOTTOM) / 2
        turned = (
            f'<text x="12" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 12 {middle:.1f})">'
        )
        return "".join(parts) + f"{turned}{html.escape(self.y_label)}</text>"

    def _across(self) -> list[float]:
        """Where the ticks along x are: five of them, or at whole numbers."""
        low, high = self.x
        if not self.whole:
            return [low + k / 4 * (high - low) for k in range(5)]
        step = max(1, -(-int(high - low) // 5))
        return [float(x) for x in range(int(low), int(high) + 1, step)]

    @staticmethod
    def _tick(value: float, percent: bool) -> str:
        return f"{100 * value:.0f} %" if percent else f"{value:.3g}"


def lines(
    axes: Axes, series: Mapping[str, Points], *, alt: str, marks: Points = (), diagonal: bool = False
) -> str:
    """One line per name of `series`, with a legend where there are several; `marks` are dots."""
    parts = [axes.frame()]
    if diagonal:
        parts.append(_line(axes, [(axes.x[0], axes.y[0]), (axes.x[1], axes.y[1])], "diagonal"))
    for place, points in enumerate(series.values()):
        parts.append(_line(axes, points, f"line s{place % 8}"))
    for x, y in marks:
        cx, cy = axes.at(x, y)
        parts.append(f'<circle class="mark" cx="{cx:.1f}" cy="{cy:.1f}" r="5"/>')
    return picture(axes.width, axes.height, "".join(parts), alt) + (
        legend(list(series)) if len(series) > 1 else ""
    )


def bars(axes: Axes, layers: Mapping[str, Sequence[float]], *, alt: str) -> str:
    """Stacked bars side by side over the x axis, one layer per name."""
    parts = [axes.frame()]
    count = max((len(values) for values in layers.values()), default=1)
    base = [axes.y[0]] * count
    for place, values in enumerate(layers.values()):
        for k, value in enumerate(values):
            low, high = (axes.x[0] + (k + edge) / count * (axes.x[1] - axes.x[0]) for edge in (0.06, 0.94))
            (x1, y1), (x2, y2) = axes.at(low, base[k] + value), axes.at(high, base[k])
            shape = f'x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{max(0.0, y2 - y1):.1f}"'
            parts.append(f'<rect class="fill s{place % 8}" {shape}/>')
            base[k] += value
    return picture(axes.width, axes.height, "".join(parts), alt) + legend(list(layers), kind="fill")


def interval_bars(rows: Sequence[tuple[str, float, float, float]], *, alt: str, width: int = 700) -> str:
    """One row per (name, value, low, high), all shares: a dot on a whisker."""
    name_width, row_height = 170, 24
    parts = []
    for place, (name, value, low, high) in enumerate(rows):
        y = 14 + place * row_height
        x0, x1, x2 = (name_width + share * (width - name_width - 70) for share in (low, value, high))
        parts.append(_text(name_width - 8, y + 4, short(name, 24), "end"))
        end = width - 70
        parts.append(f'<line class="grid" x1="{name_width}" x2="{end}" y1="{y}" y2="{y}"/>')
        parts.append(f'<line class="whisker" x1="{x0:.1f}" x2="{x2:.1f}" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="fill s0" cx="{x1:.1f}" cy="{y}" r="5"/>')
        parts.append(_text(end + 8, y + 4, f"{100 * value:.1f} %", "start"))
    bottom = 14 + row_height * len(rows)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = name_width + share * (width - name_width - 70)
        parts.append(_text(x, bottom + 4, f"{100 * share:.0f} %", "middle"))
    return picture(width, bottom + 12, "".join(parts), alt)


def heatmap(
    shares: Sequence[Sequence[float]],
    counts: Sequence[Sequence[int]],
    names: list[str],
    answers: list[str] | None = None,
    *,
    alt: str,
) -> str:
    """A confusion matrix: row = true, column = answer, shaded by row share, with counts where they fit.

    `answers` names the columns where they are not the rows' `names`.
    """
    columns = answers or names
    n = len(columns)
    cell = max(6, min(52, 620 // n))
    longest = [max(len(short(name, most)) for name in of) for of, most in ((names, 16), (columns, 14))]
    left, top = (34 + 7 * longest[0], 34 + 5 * longest[1]) if n <= 40 else (28, 28)
    middle = top + len(names) * cell / 2
    parts = [
        _text(left + n * cell / 2, 14, "what the model says", "middle"),
        f'<text x="14" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 14 {middle:.1f})">'
        "what it is</text>",
    ]
    for t in range(len(names)):
        for a in range(n):
            share = shares[t][a] if shares[t][a] == shares[t][a] else 0.0  # NaN: a class without images
            parts.append(
                _cell(left + a * cell, top + t * cell, cell, share, counts[t][a] if n <= 24 else None)
            )
    if n <= 40:
        for k, name in enumerate(names):
            parts.append(_text(left - 8, top + (k + 0.5) * cell + 4, short(name, 16), "end"))
        for k, name in enumerate(columns):
            x, y = left + (k + 0.5) * cell, top - 8
            turn = f'transform="rotate(-45 {x:.1f} {y:.1f})"'
            parts.append(f'<text x="{x:.1f}" y="{y:.1f}" {turn}>{html.escape(short(name, 14))}</text>')
    return picture(left + n * cell + 70, top + len(names) * cell + 8, "".join(parts), alt)


def _cell(x: float, y: float, size: float, share: float, count: int | None) -> str:
    box = f'x="{x + 1:.1f}" y="{y + 1:.1f}" width="{size - 2:.1f}" height="{size - 2:.1f}" rx="3"'
    square = f'<rect class="cell" {box}/><rect class="cell hot" {box} fill-opacity="{share:.3f}"/>'
    if count is None:
        return square
    kind = "over" if share > 0.5 else "count"
    return square + _text(x + size / 2, y + size / 2 + 4, f"{count:,}" if count else "", "middle", kind)


def legend(names: list[str], *, kind: str = "line") -> str:
    """Names with their colours."""
    entries = (
        f'<span><i class="{kind} s{place % 8}"></i>{html.escape(name)}</span>'
        for place, name in enumerate(names)
    )
    return f'<p class="legend">{"".join(entries)}</p>'


def picture(width: float, height: float, content: str, alt: str) -> str:
    """An SVG element that shrinks with the page and says in words what it shows."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px"'
    return f'<svg role="img" aria-label="{html.escape(alt)}" {size}>{content}</svg>'


def short(name: str, most: int) -> str:
    """`name`, cut to `most` characters."""
    return name if len(name) <= most else name[: most - 1] + "…"


def _line(axes: Axes, points: Points, kind: str) -> str:
    path = " ".join("{:.1f},{:.1f}".format(*axes.at(x, y)) for x, y in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text{name} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'
