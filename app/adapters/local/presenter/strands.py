"""Strands: hundreds of hairs that follow guide curves, in locks, with light where they bend towards the lamp."""

from collections.abc import Sequence

import numpy as np

from app.adapters.local.audio import Curve
from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import path, soft, stroke

Point = tuple[float, float]
_STEPS = 14


def combed(look: Look, lines: Sequence[Curve], *, seed: int, count: int, lit: bool) -> str:
    """Return a mass of hair between the first and the last guide, with its strands; `lit` is the lamp's side."""
    whole = int(len(lines[0]) * 0.97)
    mass = polyline(np.concatenate([lines[0][:whole], lines[-1][:whole][::-1]])) + "Z"
    out = stroke(mass, look.hair, 7, opacity=0.5, blur=3) + path(mass, "url(#hair)")
    locks = _locks(look, lines, seed=seed + 30)
    out += f'<clipPath id="m{seed}"><path d="{mass}"/></clipPath><g clip-path="url(#m{seed})">{locks}</g>'
    out += _strands(look, lines, seed=seed, count=count)
    return out + _shine(look, lines, seed=seed + 12, lit=lit)


def _locks(look: Look, lines: Sequence[Curve], *, seed: int) -> str:
    """Draw the locks that single strands gather in: broad soft bands of light and dark."""
    rng = np.random.default_rng(seed)
    out = ""
    for k, share in enumerate(np.linspace(0.02, 0.98, 13).tolist()):
        line = _between(lines, share + rng.normal(0, 0.02))
        colour = look.hair_dark if k % 2 else look.hair_light
        out += stroke(polyline(line), colour, rng.uniform(5, 10), opacity=rng.uniform(0.30, 0.55))
    inner, outer = lines[0], lines[-1]
    edges = stroke(polyline(inner[len(inner) // 4 :]), look.hair_dark, 22, opacity=0.55)
    edges += stroke(polyline(outer[len(outer) // 3 :]), look.hair_dark, 16, opacity=0.5)
    return soft(out, 3) + soft(edges, 8)


def chain(points: Sequence[Point]) -> Curve:
    """Return points along a chain of cubic pieces, `_STEPS` to each piece."""
    p = np.array(points, float)
    t = np.linspace(0, 1, _STEPS)[:, None]
    pieces = [
        (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
        for a, b, c, d in (p[i : i + 4] for i in range(0, len(p) - 3, 3))
    ]
    return np.concatenate([pieces[0][:1], *(piece[1:] for piece in pieces)])


def _between(lines: Sequence[Curve], share: float) -> Curve:
    """Return a curve between the guides, `share` from the first (0) to the last (1)."""
    place = min(max(share, 0.0), 0.9999) * (len(lines) - 1)
    i = int(place)
    part = place - i
    return np.asarray(lines[i] * (1 - part) + lines[i + 1] * part)


def _wandering(guides: Curve, shares: Curve) -> Curve:
    """Return a curve whose every point lies at a share of its own between the guides."""
    places = np.clip(shares, 0.0, 0.9999) * (len(guides) - 1)
    before, points = places.astype(int), np.arange(len(shares))
    part = (places - before)[:, None]
    return np.asarray(guides[before, points] * (1 - part) + guides[before + 1, points] * part)


def _strands(look: Look, lines: Sequence[Curve], *, seed: int, count: int) -> str:
    rng = np.random.default_rng(seed)
    steps, guides = np.linspace(0, 1, len(lines[0])), np.stack(lines)
    colours, weights = [look.hair_dark, look.hair, look.hair_light, look.hair_glow], [0.34, 0.30, 0.29, 0.07]
    out = ""
    for share in np.sort(rng.uniform(0.0, 1.0, count)).tolist():
        drift = rng.normal(0, 0.05) * steps + 0.03 * np.sin(2 * np.pi * (2.2 * steps + rng.uniform())) * steps
        line = _wandering(guides, share + drift)
        end = int(len(line) * (1 - 0.10 * rng.uniform() ** 2))
        colour = str(rng.choice(colours, p=weights))
        out += stroke(polyline(line[:end]), colour, rng.uniform(0.5, 1.4), opacity=rng.uniform(0.10, 0.34))
    return out


def _shine(look: Look, lines: Sequence[Curve], *, seed: int, lit: bool) -> str:
    """Draw bands of light where the hair bends towards the lamp: on the crown and on each wave."""
    rng = np.random.default_rng(seed)
    bands, threads = "", ""
    for centre, reach, strength in ((0.20, 0.07, 0.50), (0.56, 0.06, 0.30), (0.83, 0.05, 0.26)):
        power = strength * (1.0 if lit else 0.62)
        for share in np.linspace(0.10, 0.90, 9).tolist():
            middle = centre + 0.02 * np.sin(share * 9)
            bands += stroke(
                _piece(lines, share, middle - reach, middle + reach), look.hair_light, 9, opacity=power * 0.8
            )
        for share in rng.uniform(0.06, 0.94, 64).tolist():
            middle = centre + rng.normal(0, 0.035)
            size = reach * rng.uniform(0.4, 1.7)
            d = _piece(lines, share, middle - size, middle + size)
            threads += stroke(d, look.hair_glow, rng.uniform(0.6, 1.6), opacity=power * rng.uniform(0.2, 0.9))
    return soft(bands, 8) + threads


def _piece(lines: Sequence[Curve], share: float, start: float, end: float) -> str:
    """Return a part of a curve between the guides, from `start` to `end` of its length."""
    line = _between(lines, share)
    at = np.linspace(max(0.0, start), min(1.0, end), 9) * (len(line) - 1)
    places = np.arange(len(line))
    return polyline(np.stack([np.interp(at, places, line[:, 0]), np.interp(at, places, line[:, 1])], 1))


def polyline(points: Curve) -> str:
    """Return a path through points."""
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())
