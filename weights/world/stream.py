"""Writes pairs of a built world as a WebDataset tar to standard output, without end.

    stream.py OUT [--size 64] [--seed 0] [--start 0] [--count N] [--kinds plain,scene] [--steady] [--common 4]
"""
import argparse
import io
import sys
import tarfile

from PIL import Image

from compose import MIX, World


def member(tar, name, data):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=1 << 40)
    parser.add_argument("--kinds", default=",".join(MIX), help="kinds of pictures: %(default)s")
    parser.add_argument("--steady", action="store_true", help="single objects upright in the middle")
    parser.add_argument("--common", type=int, default=0, help="only nouns with so many pictures")
    o = parser.parse_args()
    kinds = o.kinds.split(",")
    if unknown := set(kinds) - set(MIX):
        parser.error(f"there are no pictures of kind {', '.join(sorted(unknown))}")
    world = World(o.out, o.size, kinds, o.steady, o.common)
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        for index in range(o.start, o.start + o.count):
            picture, caption = world.pair(o.seed, index)
            data = io.BytesIO()
            Image.fromarray(picture).save(data, "PNG", compress_level=1)
            member(tar, f"{index:09}.png", data.getvalue())
            member(tar, f"{index:09}.txt", caption.encode())


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.stderr.close()
