"""Draws what models trained on a built world are examined by, which no training may see.

    examination.py OUT > examination.json

40 prompts: 20 objects, 8 of them in a colour that the composer then never gives them, 4 pairs, 4 in a manner,
4 landscapes. Nouns have four pictures in colour or more. And 100 pictures of one drawing style, left out of
every training, whose names another style has, too. compose.py reads examination.json beside it.
"""
import collections
import json
import random
import re
import sys

import manners
import scenery

SEED = 40
LEFT_OUT, OTHER = "twemoji", "noto"  # sources: flat drawings, and emoji of the same names
COLOURS = "red orange yellow green blue purple pink brown black white".split()


def main():
    rows = [json.loads(line) for line in open(f"{sys.argv[1]}/captions.jsonl", encoding="utf8")]
    g = random.Random(SEED)
    coloured = [r for r in rows if r["kind"] == "object" and r["look"] == "colour" and not r["plural"]]
    # A thing by itself: its name is its head noun.
    counts = collections.Counter(r["head"] for r in coloured)
    known = sorted({r["head"] for r in coloured
                    if counts[r["head"]] >= 4 and re.sub("^an? ", "", r["name"]) == r["head"]})
    nouns = g.sample(known, 40)
    plain, tinted, paired, made = nouns[:20], nouns[20:28], nouns[28:36], nouns[36:40]
    pairs = [[noun, g.choice(COLOURS)] for noun in tinted]
    prompts = [{"kind": "object", "prompt": scenery.article(n), "nouns": [n]} for n in plain]
    prompts += [{"kind": "colour", "prompt": f"{scenery.article(c)} {n}", "nouns": [n]} for n, c in pairs]
    prompts += [{"kind": "two", "prompt": f"{scenery.article(a)} next to {scenery.article(b)}", "nouns": [a, b]}
                for a, b in zip(paired[::2], paired[1::2])]
    prompts += [{"kind": "manner", "prompt": f"{m} {scenery.article(n)}", "nouns": [n]}
                for n, m in zip(made, g.sample(sorted(manners.MADE), 4))]
    lands = g.sample(sorted({r["name"] for r in rows if r["kind"] == "landscape"}), 4)
    prompts += [{"kind": "landscape", "prompt": f"{land} {light}".strip(), "nouns": [re.sub("^(an?|the) ", "", land)]}
                for land, light in zip(lands, ["", "at night", "at sunset", ""])]
    names = {r["name"] for r in coloured if r["source"] == OTHER}
    left_out = sorted(r["file"] for r in g.sample(
        sorted((r for r in coloured if r["source"] == LEFT_OUT and r["name"] in names),
               key=lambda r: r["file"]), 100))
    json.dump({"seed": SEED, "prompts": prompts, "pairs": pairs, "left_out": left_out}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
