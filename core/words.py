"""Figures and times in the one form that people read everywhere: "84 %", "25 Nov 2026, 02:03 UTC"."""

import datetime


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as a percentage: 0.8412 -> "84 %"."""
    return f"{100 * share:.{digits}f} %"


def moment(stamp: str) -> str:
    """An ISO 8601 time, to the minute and in UTC; one without a zone is taken to be UTC already."""
    when = datetime.datetime.fromisoformat(stamp)
    when = when.astimezone(datetime.UTC) if when.tzinfo else when
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def sensible(value: float) -> str:
    """A number to three digits that mean something, without an exponent: 48211 -> "48,200"."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.3g}"
