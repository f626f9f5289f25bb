"""Compares methods of making cutouts: the same prompts, seeds and steps by each, judged by CLIP.

    python cutouts.py TESSERA RESULT.json [--sheet SHEET.jpg] [--generator fft] [--size 512] [--steps 60]
                      [--method pooled --method crops] [--seeds 2] [--base 128]

A picture is judged by the mean cosine of CLIP's embeddings of its crops and of the prompt. The crops are
squares between CLIP's input and the picture's shorter side, drawn here with a seed of their own and
resampled by Pillow, so guidance never saw them. The whole picture's cosine is written beside it. With
--base, pictures are composed at that size first, once for all methods, and start from there. Needs
`pillow` and `numpy`. `make cutouts` runs it.
"""

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from PIL import Image

PROMPTS = [
    "a red house on green",
    "a yellow star on a blue background",
    "a purple mushroom on a yellow background",
    "a blue fish on white",
    "a pink butterfly on black",
    "red and white stripes",
    "mountains at night",
    "a mosaic of an orange tree on a gray background",
]
JUDGED_SIDE = 64


def run(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def render(program, prompt, seed, path, options):
    start = time.monotonic()
    run([program, "render", prompt, "--seed", str(seed), "-o", str(path), "--quiet", *options])
    return time.monotonic() - start


def boxes(width, height, count, random):
    shorter = min(width, height)
    for _ in range(count):
        size = random.uniform(min(JUDGED_SIDE, shorter), shorter)
        left, top = random.uniform(0, width - size), random.uniform(0, height - size)
        yield left, top, left + size, top + size


def judge(program, prompt, path, count, folder, device):
    """Mean cosine of crops, and the cosine of the whole picture."""
    random = numpy.random.default_rng(2718)
    picture = Image.open(path).convert("RGB")
    arguments = []
    areas = [(0, 0, *picture.size), *boxes(*picture.size, count, random)]
    for number, box in enumerate(areas):
        crop = picture.resize((JUDGED_SIDE, JUDGED_SIDE), Image.LANCZOS, box)
        crop.save(folder / f"crop-{number}.png")
        arguments += ["--image", str(folder / f"crop-{number}.png")]
    scores = json.loads(run(
        [program, "clip", "score", "--json", "--device", device, "--text", prompt, *arguments]))
    cosines = [score["texts"][0]["cosine"] for score in scores]
    return float(numpy.mean(cosines[1:])), cosines[0]


def sheet(rows, path, seeds, side=144, gap=4):
    """A row a prompt: for each seed the pictures of all methods side by side."""
    width = len(rows[0])
    group = width * (side + gap) + 2 * gap
    result = Image.new("RGB", (seeds * group, len(rows) // seeds * (side + gap)), "white")
    for index, row in enumerate(rows):
        for column, file in enumerate(row):
            picture = Image.open(file).convert("RGB").resize((side, side), Image.LANCZOS)
            x = index % seeds * group + column * (side + gap)
            result.paste(picture, (x, index // seeds * (side + gap)))
    result.save(path, quality=85, optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("result", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--generator", default="vqgan")
    parser.add_argument("--size", default="512")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--cutouts", type=int, default=16)
    parser.add_argument("--method", action="append", default=[])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS))
    parser.add_argument("--base", help="size of a picture to compose first")
    parser.add_argument("--base-steps", type=int, default=60)
    parser.add_argument("--judged", type=int, default=32, help="crops a picture is judged by")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--folder", type=Path, help="where the pictures are kept")
    arguments = parser.parse_args()
    methods = arguments.method or ["pooled", "crops"]

    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    common = ["--generator", arguments.generator, "--device", arguments.device,
              "--cutouts", str(arguments.cutouts), "--starts", "1"]
    pictures, rows = [], []
    for prompt in PROMPTS[: arguments.prompts]:
        for seed in range(arguments.seeds):
            name = f"{prompt.replace(' ', '-')}-{seed}"
            start = []
            if arguments.base:
                base = folder / f"{name}-base.png"
                render(arguments.program, prompt, seed, base, [
                    *common, "--size", arguments.base, "--steps", str(arguments.base_steps),
                    "--cut-method", "pooled"])
                start = ["--init-image", str(base)]
            row, judged = [], {}
            for method in methods:
                path = folder / f"{name}-{method.replace(':', '-')}.png"
                seconds = render(arguments.program, prompt, seed, path, [
                    *common, "--size", arguments.size, "--steps", str(arguments.steps),
                    "--cut-method", method, *start])
                crops, whole = judge(
                    arguments.program, prompt, path, arguments.judged, folder, arguments.device)
                judged[method] = {"crops": crops, "whole": whole, "seconds": seconds}
                row.append(path)
            rows.append(row)
            pictures.append({"prompt": prompt, "seed": seed, "methods": judged})
            values = "  ".join(
                f"{m} {v['crops']:.3f} ({v['whole']:.3f})" for m, v in judged.items())
            print(f"{prompt}, seed {seed}: {values}", flush=True)

    first = methods[0]
    summary = {
        method: {
            "meanCrops": float(numpy.mean([p["methods"][method]["crops"] for p in pictures])),
            "meanWhole": float(numpy.mean([p["methods"][method]["whole"] for p in pictures])),
            "winsByCrops": sum(
                p["methods"][method]["crops"] > p["methods"][first]["crops"] for p in pictures),
        }
        for method in methods
    }
    record = {
        "date": datetime.date.today().isoformat(),
        "command": " ".join(["cutouts.py", *sys.argv[3:]]),
        "version": run([arguments.program, "--version"]).strip(),
        "pictures": pictures, "of": len(pictures), "summary": summary,
    }
    arguments.result.write_text(json.dumps(record, indent=2) + "\n")
    if arguments.sheet:
        sheet(rows, arguments.sheet, arguments.seeds)
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
