"""Writes Tests/Fixtures/images: small PNGs in every shape that a reader meets, sound and damaged.

Run with a Python that has numpy and Pillow:  python Tests/Fixtures/make_images.py
Pillow neither interlaces nor writes RGB at 16 bits, so those files are put together chunk by chunk.
Every sound file shows `pattern` below; PNGReadingTests.swift computes what reading it has to give.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy
from PIL import Image, PngImagePlugin

FOLDER = Path(__file__).parent / "images"
WIDTH, HEIGHT = 11, 9
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
# Adam7: first column, first row, column step, row step of each pass.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2)]


def pattern(levels):
    """[HEIGHT, WIDTH, 4] samples in 0...levels - 1; PNGReadingTests.swift has the same."""
    y, x, c = numpy.indices((HEIGHT, WIDTH, 4))
    return (x * 13 + y * 29 + c * 71 + x * y * 3) * 257 % levels


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width, height, depth, color, interlaced=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced))


def packed(samples, depth):
    """Filter-0 scan lines of [H, W, C] samples."""
    if depth == 16:
        rows = samples.astype(">u2").reshape(samples.shape[0], -1).view(numpy.uint8)
    elif depth == 8:
        rows = samples.astype(numpy.uint8).reshape(samples.shape[0], -1)
    else:
        bits = (samples.reshape(samples.shape[0], -1, 1) >> numpy.arange(depth)[::-1]) & 1
        rows = numpy.packbits(bits.reshape(samples.shape[0], -1).astype(numpy.uint8), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def png(samples, depth, color, interlaced=False, extra=b""):
    height, width, _ = samples.shape
    if interlaced:
        parts = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in PASSES]
        data = b"".join(packed(part, depth) for part in parts if part.size)
    else:
        data = packed(samples, depth)
    return (SIGNATURE + header(width, height, depth, color, int(interlaced)) + extra
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def write(name, data):
    (FOLDER / name).write_bytes(data)


def sound():
    byte, word = pattern(256), pattern(65536)
    write("rgb8.png", png(byte[..., :3], 8, RGB))
    write("rgb8_interlaced.png", png(byte[..., :3], 8, RGB, interlaced=True))
    write("rgb16.png", png(word[..., :3], 16, RGB))
    write("rgba8.png", png(byte, 8, RGBA))
    write("rgba16_interlaced.png", png(word, 16, RGBA, interlaced=True))
    write("gray1.png", png(pattern(2)[..., :1], 1, GRAY))
    write("gray2.png", png(pattern(4)[..., :1], 2, GRAY))
    write("gray4_interlaced.png", png(pattern(16)[..., :1], 4, GRAY, interlaced=True))
    write("gray8.png", png(byte[..., :1], 8, GRAY))
    write("gray16.png", png(word[..., :1], 16, GRAY))
    write("gray_alpha8.png", png(byte[..., [0, 3]], 8, GRAY_ALPHA))
    # Grey level 2 is the transparent one.
    write("gray2_transparent.png",
          png(pattern(4)[..., :1], 2, GRAY, extra=chunk(b"tRNS", struct.pack(">H", 2))))
    # Entry i is the colour (i * 16, 255 - i * 16, i * 5); those below 8 have alpha i * 32.
    palette = bytes(v for i in range(16) for v in (i * 16, 255 - i * 16, i * 5))
    plte = chunk(b"PLTE", palette)
    write("palette4.png", png(pattern(16)[..., :1], 4, PALETTE, extra=plte))
    alpha = chunk(b"tRNS", bytes(i * 32 for i in range(8)))
    write("palette8_transparent.png",
          png(pattern(16)[..., :1], 8, PALETTE, interlaced=True, extra=plte + alpha))

    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "caf\u00e9")  # tEXt, Latin-1
    texts.add_text("Comment", "squeezed " * 40, zip=True)  # zTXt
    texts.add_itxt("prompt", "\u6d77 at sunset", "en", "prompt")  # iTXt, UTF-8
    texts.add_itxt("notes", "\u2192 " * 40, zip=True)
    picture = Image.fromarray(byte[..., :3].astype(numpy.uint8))
    picture.save(FOLDER / "texts.png", pnginfo=texts)


def damaged():
    good = png(pattern(256)[..., :3], 8, RGB)
    data_at = good.index(b"IDAT")
    write("truncated.png", good[:data_at + 40])
    write("truncated_header.png", good[:20])
    write("missing_end.png", good[:-12])
    wrong = bytearray(good)
    wrong[good.index(b"IEND") - 6] ^= 0xFF
    write("bad_crc.png", bytes(wrong))
    wrong = bytearray(good)
    wrong[30] ^= 0xFF  # within IHDR's checksum
    write("bad_header_crc.png", bytes(wrong))
    size = struct.unpack(">I", good[data_at - 4:data_at])[0]
    noise = bytes((i * 37 + 11) % 256 for i in range(size))
    write("bad_stream.png", good[:data_at - 4] + chunk(b"IDAT", noise) + chunk(b"IEND", b""))
    short = chunk(b"IDAT", zlib.compress(packed(pattern(256)[:4, :, :3], 8)))
    write("short_stream.png", good[:data_at - 4] + short + chunk(b"IEND", b""))
    write("huge_side.png",
          SIGNATURE + header(2_000_000_000, 2, 8, RGB) + short + chunk(b"IEND", b""))
    write("huge_area.png",
          SIGNATURE + header(30_000, 30_000, 16, RGBA) + short + chunk(b"IEND", b""))
    write("zero_width.png", SIGNATURE + header(0, 5, 8, RGB) + short + chunk(b"IEND", b""))
    write("no_palette.png", png(pattern(16)[..., :1], 4, PALETTE))
    write("empty.png", b"")
    write("not_a_png.png", b"\xff\xd8\xff\xe0 this is how a JPEG starts")


def resized():
    """What Pillow's Lanczos filter makes of a ramp with an edge, in float, a channel at a time."""
    rng = numpy.random.default_rng(7)
    source = rng.random((12, 17)).astype(numpy.float32).round(3)
    cases = []
    for width, height in [(7, 5), (40, 31), (17, 30), (3, 12), (1, 1)]:
        picture = Image.fromarray(source).resize((width, height), Image.Resampling.LANCZOS)
        values = numpy.clip(numpy.asarray(picture, dtype=float), 0, 1).round(6)
        cases.append({"width": width, "height": height, "values": values.flatten().tolist()})
    record = {"width": 17, "height": 12, "source": source.astype(float).round(3).flatten().tolist(),
              "cases": cases}
    (FOLDER / "lanczos.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    sound()
    damaged()
    resized()
