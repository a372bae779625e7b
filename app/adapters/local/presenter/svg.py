"""SVG pieces and their rasterisation, without any library of the system.

resvg draws what stands still; ThorVG what moves, an eye or a mouth in a millisecond, straight into an array. ThorVG
does not clip what it blurs, so it draws no blurs; where both can draw, they differ by 0.4 levels of 255 in the mean.
"""

import threading

import cv2
import numpy as np
from thorvg_cython import Colorspace, Engine, Result, SwCanvas
from thorvg_cython import Picture as Drawing

from app.adapters.local.audio import Picture
from app.adapters.local.presenter.drawn_sheets import DrawnSheets
from app.errors import MediaError

UNITS = 720
"""Height of the drawing in units, whatever the size in pixels."""
Box = tuple[float, float, float, float]
"""x, y, width, height in drawing units."""
_BLURS = (1.5, 3, 5, 8, 12, 18, 28)
BLURS = "".join(
    f'<filter id="b{str(s).replace(".", "_")}" x="-60%" y="-60%" width="220%" height="220%">'
    f'<feGaussianBlur stdDeviation="{s}"/></filter>'
    for s in _BLURS
)
Stop = tuple[float, str, float]
"""Place, colour, opacity."""


_ANEW = DrawnSheets()
_THORVG = Engine(0)
"""Engine without threads of its own; it is kept because it ends with its last reference."""
_ONE_AT_A_TIME = threading.Lock()


def rasterise(body: str, *, defs: str = "", box: Box, width: int, height: int, sheets: DrawnSheets = _ANEW) -> Picture:
    """Draw the part of the sheet inside `box`, or take it from `sheets`.

    Return BGRA premultiplied by alpha, safe to warp and lay over.
    """
    png = sheets.png(_document(body, defs, box, width, height))
    out = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if out is None:
        raise MediaError(f"Expected a drawing of {width}x{height} px, got {len(png)} bytes that are no picture.")
    if out.shape[:2] != (height, width):
        out = cv2.resize(out, (width, height), interpolation=cv2.INTER_AREA)
    alpha = cv2.extractChannel(out, 3)
    full = np.full_like(alpha, 255)
    return np.asarray(cv2.multiply(out, cv2.merge([alpha, alpha, alpha, full]), scale=1 / 255), np.uint8)


def rasterise_moving(body: str, *, defs: str = "", box: Box, width: int, height: int) -> Picture:
    """Draw a part without blurs that another frame shows otherwise, in a twentieth of the time.

    Raises:
        MediaError: it cannot be drawn.
    """
    svg = _document(body, defs, box, width, height)
    with _ONE_AT_A_TIME:
        canvas, drawing = SwCanvas(width, height, Colorspace.ARGB8888), Drawing()
        try:
            load = drawing.load_data(svg.encode(), "svg")
            steps = (load, canvas.add(drawing), canvas.draw(clear=True), canvas.sync())
            if any(step is not Result.SUCCESS for step in steps):
                raise MediaError(f"Expected a drawing of {width}x{height} px, got {[str(step) for step in steps]}.")
            return np.frombuffer(canvas, np.uint8).reshape(height, width, 4).copy()
        finally:
            canvas.destroy()  # its last reference does not free it: a fifth of a megabyte for each mouth


def _document(body: str, defs: str, box: Box, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" preserveAspectRatio="none" width="{width}" height="{height}" '
        f'viewBox="{box[0]} {box[1]} {box[2]} {box[3]}"><defs>{defs}</defs>{body}</svg>'
    )


def lay_over(below: Picture, layer: Picture, *, x: int = 0, y: int = 0) -> None:
    """Lay a premultiplied layer over a picture, in place; the part outside is cut."""
    x0, y0 = max(0, -x), max(0, -y)
    height, width = below.shape[:2]
    part = layer[y0 : max(y0, height - y), x0 : max(x0, width - x)]
    if not part.size:
        return
    rows, columns = part.shape[:2]
    target = below[y + y0 : y + y0 + rows, x + x0 : x + x0 + columns]
    through = cv2.bitwise_not(cv2.extractChannel(part, 3))
    channels = target.shape[2]
    source = part if channels == 4 else cv2.cvtColor(part, cv2.COLOR_BGRA2BGR)
    cv2.add(cv2.multiply(target, cv2.merge([through] * channels), scale=1 / 255), source, dst=target)


def linear(name: str, *stops: Stop, to: tuple[float, float] = (0, 1)) -> str:
    """Return a gradient from the upper left corner of a shape towards `to`."""
    return f'<linearGradient id="{name}" x1="0" y1="0" x2="{to[0]}" y2="{to[1]}">{_stops(stops)}</linearGradient>'


def radial(name: str, *stops: Stop, centre: tuple[float, float] = (0.5, 0.5), radius: float = 0.5) -> str:
    """Return a gradient from a centre outwards, in shares of the shape's box."""
    return (
        f'<radialGradient id="{name}" cx="{centre[0]}" cy="{centre[1]}" r="{radius}">{_stops(stops)}</radialGradient>'
    )


def route(*parts: str | float) -> str:
    """Return a path from letters and numbers: `route("M", 1, 2, "L", 3, 4)`."""
    return " ".join(p if isinstance(p, str) else f"{p:.2f}" for p in parts)


def path(d: str, fill: str, *, opacity: float = 1.0, blur: float = 0.0) -> str:
    """Return a filled shape, its edges softened by `blur` units (one of the few known sizes)."""
    return f'<path d="{d}" fill="{fill}"{_look("fill", opacity, blur)}/>'


def stroke(d: str, colour: str, width: float, *, opacity: float = 1.0, blur: float = 0.0) -> str:
    """Return a line with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:.2f}" stroke-linecap="round" '
        f'stroke-linejoin="round"{_look("stroke", opacity, blur)}/>'
    )


def soft(body: str, blur: float) -> str:
    """Blur several pieces together: one filter costs as much as a hundred pieces."""
    return f'<g filter="url(#b{str(blur).replace(".", "_")})">{body}</g>'


def ellipse(
    centre: tuple[float, float], radii: tuple[float, float], fill: str, *, opacity: float = 1.0, blur: float = 0.0
) -> str:
    """Return an ellipse, optionally soft."""
    return (
        f'<ellipse cx="{centre[0]:.2f}" cy="{centre[1]:.2f}" rx="{radii[0]:.2f}" ry="{radii[1]:.2f}" '
        f'fill="{fill}"{_look("fill", opacity, blur)}/>'
    )


def _stops(stops: tuple[Stop, ...]) -> str:
    return "".join(f'<stop offset="{o}" stop-color="{c}" stop-opacity="{a}"/>' for o, c, a in stops)


def _look(paint: str, opacity: float, blur: float) -> str:
    """Return the opacity of the paint, not of the piece: that would cost a layer for every hair."""
    shade = "" if opacity >= 1 else f' {paint}-opacity="{opacity:.3f}"'
    return shade if not blur else f'{shade} filter="url(#b{str(blur).replace(".", "_")})"'
