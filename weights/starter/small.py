"""Writes a folder of 200 pictures with captions for a test of training: shapes in a colour on another.

    small.py FOLDER
"""
import json
import pathlib
import struct
import sys
import zlib

COLOURS = {"red": (220, 40, 40), "green": (50, 160, 70), "blue": (50, 90, 210), "yellow": (250, 220, 50),
           "white": (250, 250, 250), "black": (18, 18, 18)}
SHAPES = {
    "circle": lambda x, y: x * x + y * y < 0.6,
    "square": lambda x, y: max(abs(x), abs(y)) < 0.6,
    "diamond": lambda x, y: abs(x) + abs(y) < 0.8,
    "ring": lambda x, y: 0.3 < x * x + y * y < 0.7,
    "cross": lambda x, y: min(abs(x), abs(y)) < 0.25 and max(abs(x), abs(y)) < 0.8,
}
SIDE = 64


def png(pixels):
    """An RGB PNG of rows of pixels."""
    rows = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines, number = [], 0
    while number < 200:
        for shape, inside in SHAPES.items():
            for front, ahead in COLOURS.items():
                for back, behind in COLOURS.items():
                    if front == back or number == 200:
                        continue
                    shift = (number % 5 - 2) / 10
                    place = [(2 * i / (SIDE - 1) - 1) for i in range(SIDE)]
                    pixels = [[ahead if inside(x - shift, y) else behind for x in place] for y in place]
                    name = f"{number:03}.png"
                    (folder / name).write_bytes(png(pixels))
                    lines.append(json.dumps({"file": name, "caption": f"a {front} {shape} on {back}"}))
                    number += 1
    (folder / "captions.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
