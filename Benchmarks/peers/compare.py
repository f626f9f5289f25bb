"""The reference step, or a step of training, by Tessera and by PyTorch in turn, in one run.

    python compare.py TESSERA RESULT.json [--device cpu --device opencl:0] [--peer fp32 …]

Every measurement is a process of its own, so that each has the machine and its memory to itself;
rounds alternate, so that whatever else the machine does meets all. Prints Tessera's share of each
peer's step and memory, and writes all figures. `make bench` runs it.
"""

import argparse
import datetime
import json
import os
import statistics
import sys
from pathlib import Path

from measuring import output_of, processor

PEERS = {"render": "step.py", "train-vqgan": "train.py", "train-clip": "train.py",
         "train-transformer": "train.py"}
WHAT = {
    "render": "one step of VQGAN f16-16384 + CLIP ViT-B/32, random weights; processes in turn",
    "train-vqgan": "one step of training a VQGAN f8 with its discriminator, 128x128; processes in turn",
    "train-clip": "one step of training a CLIP ViT 64/8; processes in turn",
    "train-transformer":
        "one step of training a codebook transformer of 10 million weights; processes in turn",
}
PEER_OPTIONS = {"fp32": [], "autocast": ["--autocast"], "compile": ["--compile"]}


def measure_tessera(program, device, work):
    command = [program, "bench", "step", "--json", "--device", device, *work]
    result = json.loads(output_of(command))["results"][0]
    return {
        "name": f"Tessera, {result['device']['id']}",
        "on": f"{result['device']['name']}, {result['device']['version']}",
        "seconds": result["seconds"],
        "peakBytes": result["peakBytes"],
    }


def measure_torch(peer, script, work):
    result = json.loads(
        output_of([sys.executable, str(Path(__file__).with_name(script)), *work, *PEER_OPTIONS[peer]])
    )
    return {
        "name": f"PyTorch, {peer}",
        "on": f"torch {result['torch']}",
        "seconds": result["seconds"],
        "peakBytes": result["peakBytes"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tessera")
    parser.add_argument("result", type=Path)
    parser.add_argument("--device", action="append")
    parser.add_argument("--peer", action="append", choices=PEER_OPTIONS)
    parser.add_argument("--work", choices=PEERS, default="render")
    parser.add_argument("--size", default="256")
    parser.add_argument("--cutouts", default="32")
    parser.add_argument("--steps", default="2", help="of each process, after a first one")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    work = ["--steps", arguments.steps]
    if arguments.work == "render":
        work += ["--size", arguments.size, "--cutouts", arguments.cutouts]
    else:
        work += ["--work", arguments.work]
    script = PEERS[arguments.work]

    turns = [lambda p=peer: measure_torch(p, script, work) for peer in arguments.peer or ["fp32"]]
    for device in arguments.device or ["cpu"]:
        turns.append(lambda d=device: measure_tessera(arguments.tessera, d, work))
    results = {}
    for number in range(arguments.rounds):
        for turn in turns:
            measured = turn()
            result = results.setdefault(
                measured["name"], {"on": measured["on"], "seconds": [], "peakBytes": 0}
            )
            result["seconds"] += measured["seconds"]
            result["peakBytes"] = max(result["peakBytes"], measured["peakBytes"])
            median = statistics.median(measured["seconds"])
            print(f"round {number + 1}: {measured['name']}: {median:.2f} s a step", flush=True)
    for result in results.values():
        result["median"] = round(statistics.median(result["seconds"]), 4)
        result["seconds"] = [round(seconds, 4) for seconds in result["seconds"]]

    print()
    ratios = {}
    for name, mine in results.items():
        print(f"{name}: {mine['median']:.2f} s a step, peak {mine['peakBytes'] / 2**30:.2f} GiB")
        for peer, theirs in results.items():
            if name.startswith("Tessera") and peer.startswith("PyTorch"):
                time = round(mine["median"] / theirs["median"], 3)
                memory = round(mine["peakBytes"] / theirs["peakBytes"], 3)
                ratios[f"{name} / {peer}"] = {"time": time, "memory": memory}
                print(f"  against {peer}: time {time:.2f}x, memory {memory:.2f}x")
    record = {
        "what": WHAT[arguments.work],
        "work": work,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command": " ".join(["compare.py", *sys.argv[1:]]),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "results": results,
        "ratios": ratios,
    }
    arguments.result.parent.mkdir(parents=True, exist_ok=True)
    arguments.result.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
