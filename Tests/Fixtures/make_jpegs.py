"""Writes images/*.jpg, sound and damaged, and images/jpegs.json: what Pillow reads in sound ones.

    python make_jpegs.py      # needs numpy and Pillow

Pillow turns them upright and converts to RGB as readers should: CMYK as Adobe stores it.
"""

import base64
import io
import json
from pathlib import Path

import numpy
from PIL import Image, ImageOps

FOLDER = Path(__file__).parent / "images"


def picture(width=21, height=14):
    """Smooth, and different at every edge, so that a wrong turn shows."""
    y, x = numpy.mgrid[0:height, 0:width]
    red, green, blue = 255 * x / (width - 1), 255 * y / (height - 1), 120 + 60 * numpy.sin(x / 3)
    return Image.fromarray(numpy.stack([red, green, blue], axis=2).astype(numpy.uint8))


def encoded(image, **options):
    data = io.BytesIO()
    image.save(data, "JPEG", **{"quality": 95, "subsampling": 0} | options)
    return data.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def sound():
    rgb = picture()
    yield "rgb", encoded(rgb)
    yield "subsampled", encoded(rgb, subsampling=2)
    yield "progressive", encoded(rgb, progressive=True)
    yield "restarts", encoded(rgb, restart_marker_blocks=2)
    yield "gray", encoded(rgb.convert("L"))
    yield "cmyk", encoded(rgb.convert("CMYK"))
    yield "one_pixel", encoded(picture(2, 2).crop((0, 0, 1, 1)))
    for orientation in range(1, 9):
        yield f"orientation{orientation}", encoded(rgb, exif=exif(orientation))
    yield "bad_orientation", encoded(rgb, exif=exif(9))
    # Bytes between segments, as some cameras leave them, harm nothing.
    data = encoded(rgb)
    start = data.index(b"\xff\xdb")
    yield "extraneous", data[:start] + b"\0\0\0" + data[start:]


def damaged():
    data = encoded(picture(64, 48))
    size = data.index(b"\xff\xc0") + 5
    scan = data.index(b"\xff\xda")
    yield "truncated", data[: len(data) * 2 // 3]
    yield "header_only", data[:scan]
    yield "start_only", data[:3]
    yield "no_end", data[:-2]
    yield "bad_stream", data[: scan + 40] + b"\xff\xc4" * 20 + data[scan + 80 :]
    yield "bad_marker", data[:2] + b"\xff\xdb\0\0" + data[2:]
    yield "zero_width", data[: size + 2] + b"\0\0" + data[size + 4 :]
    yield "huge", data[:size] + b"\xff\xdc\xff\xdc" + data[size + 4 :]
    yield "lossless", data[: size - 4] + b"\xc3" + data[size - 3 :]
    yield "12bit", data[: size - 1] + b"\x0c" + data[size:]
    progressive = encoded(picture(64, 48), progressive=True)
    first = progressive.index(b"\xff\xda")
    second = progressive.index(b"\xff", first + 14)
    while progressive[second + 1] == 0:
        second = progressive.index(b"\xff", second + 2)
    yield "many_scans", (progressive[:second] + progressive[first:second] * 600
                         + progressive[second:])[:20_000] + b"\xff\xd9"


expected = {}
for name, data in sound():
    (FOLDER / f"{name}.jpg").write_bytes(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    expected[name] = {"width": image.width, "height": image.height,
                      "rgb": base64.b64encode(image.tobytes()).decode()}
for name, data in damaged():
    (FOLDER / f"damaged_{name}.jpg").write_bytes(data)
(FOLDER / "jpegs.json").write_text(json.dumps(expected, indent=1) + "\n")
