"""What a codebook transformer paints of nouns, and what a CLIP ranks first.

    python nouns.py PROGRAM RESULT.json --nouns nouns.txt --vqgan FILE --transformer FILE --clip FILE
        [--sheet sheet.png] [--device cpu] [--rank 8] [--render]          (pillow)

Each noun is painted by `tessera imagine` from the same seed: one sample, and the best of RANK by the CLIP
(`--rank`); with `--render` also by `tessera render` from random codes. The CLIP then ranks the noun among
24 captions: itself and the 23 that follow it in the list. Pictures are on the sheet in the order of the
list, row by row, without their names.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

from measuring import processor

CAPTIONS = 24


def run(*command):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr}")
    return result.stdout


def ranks(o, nouns, pictures):
    """Rank of each picture's noun among its captions, 1 the best."""
    result = []
    for index, picture in enumerate(pictures):
        captions = [nouns[(index + i) % len(nouns)] for i in range(min(CAPTIONS, len(nouns)))]
        texts = [part for caption in captions for part in ("--text", caption)]
        entry = json.loads(run(o.program, "clip", "score", "--image", picture, *texts, "--clip", o.clip,
                               "--device", o.device, "--truncate", "--json"))[0]
        scores = {text["text"]: text["cosine"] for text in entry["texts"]}
        result.append(1 + sum(scores[c] > scores[captions[0]] for c in captions[1:]))
    return result


def sheet(pictures, path, columns=8):
    images = [Image.open(p).convert("RGB") for p in pictures]
    side = max(i.width for i in images)
    rows = -(-len(images) // columns)
    result = Image.new("RGB", (columns * (side + 4), rows * (side + 4)), "white")
    for index, image in enumerate(images):
        result.paste(image, (index % columns * (side + 4), index // columns * (side + 4)))
    result.resize((2 * result.width, 2 * result.height), Image.NEAREST).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("result", type=Path)
    parser.add_argument("--nouns", required=True, type=Path)
    parser.add_argument("--vqgan", required=True)
    parser.add_argument("--transformer", required=True)
    parser.add_argument("--clip", required=True)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--render", action="store_true")
    o = parser.parse_args()
    nouns = o.nouns.read_text().split("\n")
    nouns = [n for n in nouns if n]
    models = ["--vqgan", o.vqgan, "--transformer", o.transformer]
    common = ["--device", o.device, "--seed", o.seed, "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        kinds = {"one sample": [], f"best of {o.rank}": []} | ({"render from codes": []} if o.render else {})
        for index, noun in enumerate(nouns):
            for kind, pictures in kinds.items():
                path = Path(folder) / f"{index}-{len(kind)}.png"
                if kind == "render from codes":
                    run(o.program, "render", noun, "-o", path, "--vqgan", o.vqgan, "--clip", o.clip,
                        "--start", "codes", "--size", "64", *common)
                else:
                    extra = [] if kind == "one sample" else ["--count", o.rank, "--rank", "--clip", o.clip]
                    run(o.program, "imagine", noun, "-o", path, *models, *extra, *common)
                    if extra:  # the best is the first
                        path = path.with_name(f"{path.stem}-{'1'.zfill(max(2, len(str(o.rank))))}.png")
                pictures.append(path)
            print(f"{index + 1}/{len(nouns)} {noun}", file=sys.stderr)
        record = {"processor": processor(), "device": o.device, "seed": int(o.seed), "nouns": nouns,
                  "captions": min(CAPTIONS, len(nouns)), "ranks": {}, "first": {}}
        for kind, pictures in kinds.items():
            record["ranks"][kind] = ranks(o, nouns, pictures)
            record["first"][kind] = sum(rank == 1 for rank in record["ranks"][kind]) / len(nouns)
            if o.sheet:
                name = kind.replace(" ", "-")
                sheet(pictures, o.sheet.with_name(f"{o.sheet.stem}-{name}{o.sheet.suffix}"))
    o.result.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record["first"]))


if __name__ == "__main__":
    main()
