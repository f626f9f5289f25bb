"""How soon a render begins, and what it reads of its weights: Tessera beside an earlier build.

    python startup.py FOLDER RESULT.json PROGRAM...     (numpy; `make startup` runs it)

Makes checkpoints as large as the public ones in FOLDER, and begins a render of 256² pixels from 8
random starts with each PROGRAM in turn. The first step of the search is dated by the starts' lines:
as each start takes as long as the others, the first line less that. Reads are the process's, as
Linux counts them, until the last start is tried, and until the first step of the render is done.
A first run of each, which compiles kernels, is not counted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

import models
from measuring import processor


def bytes_read(process):
    lines = Path(f"/proc/{process.pid}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def measure(program, device, folder, starts):
    vqgan, clip = models.make(folder)
    picture = Path(folder) / "startup.png"
    command = [program, "render", "a red house", "--size", "256", "--starts", str(starts),
               "--steps", "2", "--vqgan", vqgan, "--clip", clip, "--device", device,
               "--output", picture]
    environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
    begin = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    times, searched, total = [], 0, 0
    for line in process.stderr:
        total = bytes_read(process)
        if line.startswith("start "):
            times.append(time.perf_counter() - begin)
            searched = total
        elif line.startswith("step "):
            break
    process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0 or len(times) != starts:
        sys.exit(f"{command} failed")
    laps = [later - former for former, later in zip(times, times[1:])]
    return {"first_step": times[0] - statistics.median(laps), "read_by_search": searched,
            "read": total, "peak": usage.ru_maxrss * 1024}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("result")
    parser.add_argument("program", nargs="+")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=8)
    options = parser.parse_args()
    size = sum(path.stat().st_size for path in models.make(options.folder))
    runs = {program: [] for program in options.program}
    for number in range(options.rounds + 1):
        for program in options.program:
            run = measure(program, options.device, options.folder, options.starts)
            print(f"{program}: {run['first_step']:.2f} s to the first step, "
                  f"{run['read'] / size:.2f} of the files read, peak {run['peak'] / 1e6:.0f} MB"
                  + (", not counted" if number == 0 else ""))
            if number > 0:
                runs[program].append(run)
    record = {"processor": processor(), "device": options.device, "files": size, "programs": [
        {"program": Path(program).name,
         **{key: statistics.median(run[key] for run in list) for key in list[0]}}
        for program, list in runs.items()]}
    Path(options.result).write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
