"""Draws nouns to paint from a built world, one a line with its article.

    nouns.py OUT [--count 32] [--seed 0] [--pictures 4]

Nouns are the heads of the names of objects with so many pictures in colour.
"""
import argparse
import collections
import json
import random

from scenery import article


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pictures", type=int, default=4)
    o = parser.parse_args()
    rows = [json.loads(line) for line in open(f"{o.out}/captions.jsonl", encoding="utf8")]
    counts = collections.Counter(
        r["head"] for r in rows if r["kind"] == "object" and r["look"] == "colour" and not r["plural"])
    known = sorted(noun for noun, count in counts.items() if count >= o.pictures)
    for noun in sorted(random.Random(o.seed).sample(known, o.count)):
        print(article(noun))


if __name__ == "__main__":
    main()
