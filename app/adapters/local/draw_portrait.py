"""Drawing of a presenter's portrait: `python -m app.adapters.local.draw_portrait LOOK OUT.png`."""

import sys
from pathlib import Path

import cv2
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.adapters.local.motion import REST
from app.adapters.local.painter_choice import LOOK_KEY
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.palettes import LOOKS
from app.errors import PortraitError

SIDE_PX = 1024


def draw_portrait(look: str, out: Path, *, sheets_dir: Path | None = None) -> None:
    """Write the rest pose of a look as a square PNG that carries the look's name.

    Its layers are kept in `sheets_dir`, if there is one, and are not drawn again.

    Raises:
        PortraitError: there is no such look.
    """
    if look not in LOOKS:
        raise PortraitError(f"Expected a look of {sorted(LOOKS)}, got {look!r}.")
    picture = Presenter(LOOKS[look], width=SIDE_PX, height=SIDE_PX, sheets_dir=sheets_dir).frame(REST)
    marks = PngInfo()
    marks.add_text(LOOK_KEY, look)
    image = Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
        out, pnginfo=marks, optimize=True
    )


def main(arguments: list[str]) -> int:
    """Return 0 when drawn, 2 when the arguments are not a look and a file."""
    if len(arguments) != 2 or arguments[0] not in LOOKS:
        sys.stderr.write(f"usage: python -m app.adapters.local.draw_portrait {{{','.join(LOOKS)}}} OUT.png\n")
        return 2
    draw_portrait(arguments[0], Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
