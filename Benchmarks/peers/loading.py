"""How fast and in how much memory checkpoints load: Tessera beside PyTorch, on files of 1 GB.

    python loading.py PROGRAM FOLDER RESULT.json     (torch and safetensors; `make loading` runs it)

Makes the files in FOLDER, loads each several times by both, in turn and each in a process of its
own, and writes the median seconds and the largest peak of resident memory. All files are in the
page cache. PyTorch's side holds fp32 tensors of its own in the end, as Tessera's does: torch.load,
then float(); safetensors' load_file maps the file, so its tensors are copied out of it.
"""

import datetime
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from measuring import processor

ROUNDS = 3
MAKE = """
import sys, torch
from safetensors.torch import save_file
folder = sys.argv[1]
torch.manual_seed(0)
shapes = [(49408, 1024)] + [(4096, 1024), (1024, 4096), (3072, 1024), (1024,)] * 18
weights = {f"layer.{i}.weight": torch.randn(s) for i, s in enumerate(shapes)}
torch.save({"epoch": 1, "state_dict": weights}, f"{folder}/fp32.ckpt")
save_file(weights, f"{folder}/fp32.safetensors")
twice = {f"{part}.{k}": v.half() for part in "ab" for k, v in weights.items()}
torch.save(twice, f"{folder}/fp16.pt")
"""
LOAD = """
import json, sys, time, torch
from safetensors.torch import load_file
path = sys.argv[1]
start = time.perf_counter()
if path.endswith(".safetensors"):
    tensors = [t.clone() for t in load_file(path).values()]
else:
    loaded = torch.load(path, map_location="cpu", weights_only=True)
    tensors = [t.float() for t in loaded.get("state_dict", loaded).values()]
seconds = time.perf_counter() - start
print(json.dumps({
    "seconds": seconds,
    "bytes": sum(4 * t.numel() for t in tensors),
    "sum": sum(float(t.flatten()[0]) + float(t.flatten()[-1]) for t in tensors),
}))
"""


def measure(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command} failed")
    return json.loads(output) | {"peak": usage.ru_maxrss * 1024}


def main():
    program, folder, result = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    files = ["fp32.ckpt", "fp32.safetensors", "fp16.pt"]
    if not all((folder / name).exists() for name in files):
        subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True)

    record = {
        "what": "open a file and hold all its tensors as fp32; page cache warm; median of "
        f"{ROUNDS} in turn",
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "files": {},
    }
    for name in files:
        path = str(folder / name)
        Path(path).read_bytes()  # into the page cache
        runs = {"tessera": [], "torch": []}
        for _ in range(ROUNDS):
            runs["tessera"].append(measure([program, path]))
            runs["torch"].append(measure([sys.executable, "-c", LOAD, path]))
        first = runs["tessera"][0]
        assert abs(first["sum"] - runs["torch"][0]["sum"]) < 1e-3, "read different values"
        entry = {"fileBytes": os.path.getsize(path), "tensorBytes": first["bytes"]}
        for side, of in runs.items():
            entry[side] = {
                "seconds": round(statistics.median(r["seconds"] for r in of), 3),
                "peakBytes": max(r["peak"] for r in of),
                "peakOverTensors": round(max(r["peak"] for r in of) / first["bytes"], 3),
            }
        entry["tesseraOverTorchSeconds"] = round(
            entry["tessera"]["seconds"] / entry["torch"]["seconds"], 3
        )
        record["files"][name] = entry
        print(name, json.dumps(entry), flush=True)
    result.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
