"""Tessera's matrix products beside CLBlast's SGEMM, on the shapes of CLIP ViT-B/32's layers.

    python clblast.py TESSERA RESULT.json [--device PART_OF_ITS_NAME] [--rounds N]

Needs gcc and CLBlast (Debian: libclblast-dev). The two take turns in one run; the fastest run of
each counts. `make clblast` runs it.
"""

import argparse
import datetime
import json
import math
import re
import sys
import tempfile
from pathlib import Path

from measuring import output_of


def products(program, device):
    """Seconds of every large matrix product of the reference step, by (m, n, k)."""
    command = [program, "bench", "kernels", "--only", "matmul", "--json", "--device", device]
    seconds = {}
    for row in json.loads(output_of(command))["results"][0]["kernels"]:
        sides = [[int(x) for x in s.split(",")] for s in re.findall(r"\[([\d,]+)\]", row["shapes"])]
        left, right, result = sides[0], sides[1], sides[-1]
        k = left[-1]
        m, n = math.prod(left[:-1]), math.prod(result) // math.prod(left[:-1])
        if len(right) == 2 and math.prod(right) == n * k and m >= 1000 and n >= 512 and k >= 512:
            shape = (m, n, k)
            seconds[shape] = min(row["seconds"], seconds.get(shape, math.inf))
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tessera")
    parser.add_argument("result", type=Path)
    parser.add_argument("--device", default="pthread")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peer = f"{folder}/clblast"
        source = str(Path(__file__).with_suffix(".c"))
        output_of(["gcc", "-O2", "-o", peer, source, "-lclblast", "-lOpenCL"])
        mine, theirs = {}, {}
        for _ in range(arguments.rounds):
            for shape, seconds in products(arguments.tessera, arguments.device).items():
                mine[shape] = min(seconds, mine.get(shape, math.inf))
            shapes = sorted(mine)
            texts = [",".join(map(str, shape)) for shape in shapes]
            lines = output_of([peer, arguments.device, *texts]).split()
            for shape, line in zip(shapes, lines):
                theirs[shape] = min(float(line), theirs.get(shape, math.inf))
    rows = []
    for m, n, k in sorted(mine):
        flops, ours, peers = 2 * m * n * k, mine[m, n, k], theirs[m, n, k]
        row = {
            "m": m,
            "n": n,
            "k": k,
            "tesseraGFLOPS": round(flops / ours * 1e-9, 1),
            "clblastGFLOPS": round(flops / peers * 1e-9, 1),
            "ratio": round(peers / ours, 2),
        }
        rows.append(row)
        print(
            f"{m} x {n} x {k}: Tessera {row['tesseraGFLOPS']} GFLOP/s, CLBlast "
            f"{row['clblastGFLOPS']}, {row['ratio']} times as fast"
        )
    record = {
        "what": "matrix products of CLIP ViT-B/32's layers, fp32",
        "device": arguments.device,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command": " ".join(["clblast.py", *sys.argv[1:]]),
        "products": rows,
    }
    arguments.result.parent.mkdir(parents=True, exist_ok=True)
    arguments.result.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
