"""The tables of README.md and docs/, made of the records in Benchmarks/results.

    python tables.py RESULTS        (`make tables` runs it)
"""

import json
import sys
from pathlib import Path
from statistics import median

PIXELS = {256: "256²", 512: "512²", 1024: "1024²", 2048: "2048²"}


def gib(count):
    return f"{count / 2**30:.2f} GiB"


def gb(count):
    return f"{count / 1e9:.2f} GB"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def steps(record):
    print(f"### A step at {record['size']}², {record['cutouts']} cutouts, {record['processor']}\n")
    results = record["results"]
    peers = [name for name in results if name.startswith("PyTorch")]
    base = results[peers[0]]
    rows = []
    for name, result in results.items():
        time = result["median"] / base["median"]
        memory = result["peakBytes"] / base["peakBytes"]
        rows.append(
            [name, f"{result['median']:.2f}", f"{time:.2f}", gib(result["peakBytes"]), f"{memory:.2f}"]
        )
    table(["", "seconds a step", f"of {peers[0]}", "peak memory", f"of {peers[0]}"], rows)


def sizes(records):
    """Steps by size: seconds in all, and of what grows with the pixels, for each of them."""
    print("### Growth\n")
    rows, first, small = [], None, None
    for record in records:
        result, work = record["results"][0], record["work"]
        pixels = work["width"] * work["height"]
        ops = {op["name"]: op["seconds"] for op in result["ops"]}
        stages = {}
        for stage in result["stages"]:
            stages[stage["name"]] = stages.get(stage["name"], 0) + stage["seconds"]
        attention = sum(seconds for name, seconds in ops.items() if name.startswith("attention"))
        # The perceptor's attention is that of the smallest picture; what comes on top of it is the
        # generator's, which grows with the square of the pixels.
        small = attention if small is None else small
        growing = stages["generator"] + stages["quantisation"] - (attention - small)
        per_pixel = growing / pixels
        first = first or per_pixel
        rows.append(
            [
                PIXELS[work["width"]],
                f"{median(result['seconds']):.2f}",
                f"{growing:.2f}",
                f"{per_pixel / first:.2f}",
                f"{attention:.2f}",
                gib(result["plannedBytes"]),
                gib(result["peakBytes"] - result["baseBytes"]),
            ]
        )
    table(
        [
            "picture",
            "s a step",
            "generator but attention",
            "of it a pixel",
            "attention",
            "planned",
            "resident",
        ],
        rows,
    )


def budgets(records):
    print("### Half precision within a budget\n")
    rows = []
    for record in records:
        result, work = record["results"][0], record["work"]
        real = result["peakBytes"] - result["baseBytes"]
        rows.append(
            [
                PIXELS[work["width"]],
                f"{median(result['seconds']):.1f}",
                gb(result["plannedBytes"]),
                gb(real),
                f"{real / result['plannedBytes']:.3f}",
            ]
        )
    table(["picture", "s a step", "planned", "resident", "real over planned"], rows)


def time_in_step(rows):
    return sum(row["count"] * row["seconds"] for row in rows)


def by_time(rows, value):
    """The mean of a value over kernels by their time in a step: what hardly counts does not."""
    return sum(time_in_step([row]) * value(row) for row in rows) / time_in_step(rows)


def kernels(record):
    print("### Shares of the peak\n")
    for result in record["results"]:
        peaks = result["peaks"]
        print(
            f"{result['device']['name']}, {result['device']['platform']}: peaks "
            f"{peaks['gigaflops']:.0f} GFLOP/s, {peaks['bandwidth']:.0f} GB/s\n"
        )
        rows = []
        for family in ["matmul", "conv2d", "attention"]:
            members = [row for row in result["kernels"] if row["op"].startswith(family)]
            large = [row for row in members if row["flops"] >= 1e9]
            least = min(large, key=lambda row: row["share"]) if large else None
            rows.append(
                [
                    family,
                    f"{time_in_step(members):.2f}",
                    f"{by_time(members, lambda row: row['share']) * 100:.0f} %",
                    f"{least['share'] * 100:.0f} %, {least['shapes']}" if least else "",
                ]
            )
        table(["op", "s a step", "of peak", "least of those of 1 GFLOP or more"], rows)

        groups = {}
        for row in result["kernels"]:
            if "kernel" in row:
                groups.setdefault(row["kernel"], []).append(row)
        rows = []
        for name, members in sorted(groups.items(), key=lambda group: -time_in_step(group[1])):
            rows.append(
                [
                    f"`{name}`",
                    f"{time_in_step(members) * 1e3:.1f}",
                    f"{by_time(members, lambda row: row['flops'] / row['seconds']) / 1e9:.0f}",
                    f"{by_time(members, lambda row: row['bytes'] / row['seconds']) / 1e9:.0f}",
                    f"{by_time(members, lambda row: row['share']) * 100:.0f} %",
                ]
            )
        if rows:
            table(["kernel", "ms a step", "GFLOP/s", "GB/s", "of peak"], rows)


def products(record):
    """Of every shape, and the least: alone, what is fused into a kernel takes none of its time."""
    print("### Products and convolutions alone\n")
    rows = []
    for result in record["results"]:
        for family in ["matmul", "conv2d"]:
            members = [row for row in result["kernels"] if row["op"].startswith(family)]
            least = sorted(members, key=lambda row: row["share"])[:2]
            rows.append(
                [
                    result["device"]["id"],
                    f"{family}, {len(members)} shapes",
                    f"{by_time(members, lambda row: row['share']) * 100:.0f} %",
                    "; ".join(f"{row['share'] * 100:.0f} %, {row['shapes']}" for row in least),
                ]
            )
    table(["device", "op", "of peak", "least"], rows)


def main():
    folder = Path(sys.argv[1])

    def read(name):
        path = folder / f"{name}.json"
        return [json.loads(path.read_text())] if path.exists() else []

    for record in read("step"):
        steps(record)
    for record in read("kernels"):
        kernels(record)
    for record in read("products"):
        products(record)
    sizes([record for size in PIXELS for record in read(f"size-{size}")])
    budgets([record for size in PIXELS for record in read(f"half-{size}")])


if __name__ == "__main__":
    main()
