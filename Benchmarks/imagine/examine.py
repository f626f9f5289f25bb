"""Paints the examination's prompts and has a CLIP that never guided rank each among 24 near captions.

    python examine.py PROGRAM RESULT.json --examiner clip.safetensors --vqgan FILE --clip FILE
        [--transformer FILE] [--prompts examination.json] [--sheet sheet.png] [--size 128] [--seed 0]

Ways of painting: with a transformer `imagine` (its first sample) and `render --start prior`; always
`render --start codes`. Near captions of an object are others, of a colour the same thing in other colours
and others in the same, of a pair those with either thing exchanged, of a manner the others of it. Needs
`pillow`. A sheet a way is written, pictures in the order of the prompts, without words.
"""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

from measuring import processor
from nouns import run, sheet

CAPTIONS = 24
COLOURS = "red orange yellow green blue purple pink brown black white gray turquoise".split()
WORLD = Path(__file__).parents[2] / "weights/world"


def article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def near(entry, prompts):
    """The prompt's text, then 23 others that are like it."""
    g = random.Random(entry["prompt"])
    text, kind = entry["prompt"], entry["kind"]
    things = (p for p in prompts if p["kind"] != "landscape")
    nouns = sorted({n for p in things for n in p["nouns"]} - set(entry["nouns"]))
    others = [p["prompt"] for p in prompts if p["kind"] == kind and p is not entry]
    if kind == "object":
        others = [article(n) for n in nouns]
    elif kind == "colour":
        colour, noun = text.split()[1], entry["nouns"][0]
        others = [f"{article(c)} {noun}" for c in COLOURS if c != colour]
        others += [f"{article(colour)} {n}" for n in g.sample(nouns, CAPTIONS)]
    elif kind == "two":
        a, b = entry["nouns"]
        chosen = g.sample(nouns, CAPTIONS)
        others = [f"{article(a)} next to {article(n)}" for n in chosen[::2]]
        others += [f"{article(n)} next to {article(b)}" for n in chosen[1::2]]
    elif kind == "manner":
        manner = text.rsplit(" of ", 1)[0]
        others = [f"{manner} of {article(n)}" for n in nouns]
    else:
        others += [article(n) for n in nouns]
    others = [o for o in dict.fromkeys(others) if o != text]
    return [text] + (g.sample(others, CAPTIONS - 1) if kind != "landscape" else others[:CAPTIONS - 1])


def rank(o, picture, captions):
    texts = [part for caption in captions for part in ("--text", caption)]
    entry = json.loads(run(o.program, "clip", "score", "--image", picture, *texts, "--clip", o.examiner,
                           "--device", o.device, "--truncate", "--json"))[0]
    scores = {text["text"]: text["cosine"] for text in entry["texts"]}
    return 1 + sum(scores[c] > scores[captions[0]] for c in captions[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("result", type=Path)
    parser.add_argument("--examiner", required=True)
    parser.add_argument("--vqgan", required=True)
    parser.add_argument("--clip", required=True)
    parser.add_argument("--transformer")
    parser.add_argument("--prompts", type=Path, default=WORLD / "examination.json")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--size", default="128")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--device", default="cpu")
    o = parser.parse_args()
    prompts = json.loads(o.prompts.read_text())["prompts"]
    common = ["--vqgan", o.vqgan, "--clip", o.clip, "--seed", o.seed, "--device", o.device, "--quiet"]
    ways = {"render from codes": ["render", "--start", "codes", "--size", o.size]}
    if o.transformer:
        prior = ["--transformer", o.transformer]
        ways = {"transformer alone": ["imagine", *prior],
                "transformer and guidance": ["render", "--start", "prior", "--size", o.size, *prior]} | ways
    record = {"processor": processor(), "device": o.device, "seed": int(o.seed), "captions": CAPTIONS,
              "prompts": [p["prompt"] for p in prompts], "ranks": {}, "first": {}, "first three": {}}
    with tempfile.TemporaryDirectory() as folder:
        for way, command in ways.items():
            pictures, ranks = [], []
            for index, entry in enumerate(prompts):
                path = Path(folder) / f"{len(record['ranks'])}-{index}.png"
                run(o.program, command[0], entry["prompt"], "-o", path, *command[1:], *common)
                pictures.append(path)
                ranks.append(rank(o, path, near(entry, prompts)))
                print(f"{way}: {index + 1}/{len(prompts)} {entry['prompt']}: {ranks[-1]}", file=sys.stderr)
            record["ranks"][way] = ranks
            record["first"][way] = sum(r == 1 for r in ranks) / len(ranks)
            record["first three"][way] = sum(r <= 3 for r in ranks) / len(ranks)
            if o.sheet:
                name = way.replace(" ", "-")
                sheet(pictures, o.sheet.with_name(f"{o.sheet.stem}-{name}{o.sheet.suffix}"))
    o.result.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps({"first": record["first"], "first three": record["first three"]}))


if __name__ == "__main__":
    main()
