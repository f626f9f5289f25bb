#!/bin/bash
# What to run on a machine with a GPU that nobody has tried yet, most important first, each part within
# two minutes. No part's failure stops the next, and OUT/first-contact.json is complete after every one.
#
#     Benchmarks/first-contact.sh BUNDLE OUT [--parts REGEX] [--rehearsal]
#
# BUNDLE is the folder that `make device-bundle` made; OUT takes the record, pictures and tunings.
# --parts chooses by name. --rehearsal takes the first OpenCL device, whatever it is, and small work.
# Python 3 writes the record; PyTorch is measured where it is installed.
set -uo pipefail
bundle=$(realpath "$1") && mkdir -p "$2" && out=$(realpath "$2") || exit 64
shift 2
cd "$(dirname "$0")/.."
export TESSERA_HOME=$PWD XDG_CACHE_HOME=${TMPDIR:-/tmp}/tessera-first-contact
parts=. device=gpu torch=cuda sizes=(256 512 1024) large=(2048 4096) cutouts=32 picture=192
tests='ExecutionTests\.KernelTests' tuned=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --parts) parts=$2; shift ;;
    --rehearsal)
      device=opencl:0 torch=cpu sizes=(64 96 128) large=(160) cutouts=2 picture=64
      tests='ExecutionTests\.KernelTests/parts' tuned=(--only matmul) ;;
    *) echo "$1 is no option of this script" >&2; exit 64 ;;
  esac
  shift
done

# part NAME COMMAND...: runs it, adds it to the record and says how it went.
part() {
  local name=$1 status start
  shift
  [[ $name =~ $parts ]] || return 0
  start=$EPOCHREALTIME
  timeout --signal=INT --kill-after=10 105 "$@" > "$out/.stdout" 2> "$out/.stderr" < /dev/null
  status=$?
  python3 - "$out" "$name" "$status" "$start" "$EPOCHREALTIME" "$*" << 'PYTHON'
import json, pathlib, sys

out, name, status, start, end, command = sys.argv[1:]
out = pathlib.Path(out)
text = (out / ".stdout").read_text(errors="replace")
part = {"name": name, "command": command, "status": int(status)}
part["seconds"] = round(float(end) - float(start), 2)
try:
    part["result"] = json.loads(text)
except ValueError:
    part["output"] = text[-20000:]
part["errors"] = (out / ".stderr").read_text(errors="replace")[-8000:]
record = out / "first-contact.json"
parts = json.loads(record.read_text()) if record.exists() else []
parts = [known for known in parts if known["name"] != name] + [part]
written = out / ".record"
written.write_text(json.dumps(parts, indent=1))
written.rename(record)


def brief(part):
    """The figure of a part in a few words."""
    result = part.get("result")
    if isinstance(result, dict) and "results" in result:
        seconds = result["results"][0]["seconds"]
    elif isinstance(result, dict):
        seconds = result.get("seconds", [])
    else:
        lines = (part.get("output", "") + part["errors"]).strip().splitlines()
        return lines[-1][:100] if lines else ""
    return f"{sorted(seconds)[len(seconds) // 2]:.4f} s a step" if seconds else ""


verdict = {0: "ok", 124: "out of time", 137: "out of time"}.get(int(status), f"status {status}")
print(f"{name:24} {verdict:12} {part['seconds']:7.1f} s  {brief(part)}", flush=True)
PYTHON
  rm -f "$out/.stdout" "$out/.stderr"
}

tessera() { part "$1" "$bundle/run.sh" tessera "${@:2}"; }
step() { tessera "$1" bench step --json --device $device --cutouts $cutouts --steps 5 "${@:2}"; }
torch() { part "$1" python3 Benchmarks/peers/step.py --plain --device $torch --cutouts $cutouts "${@:2}"; }

part machine nvidia-smi
tessera devices devices
tessera selftest selftest --device $device
part kernels "$bundle/run.sh" tesseraPackageTests.xctest --testing-library swift-testing \
  --no-parallel --filter "$tests"
tessera render render "a red house on green" --device $device --size $picture --steps 100 \
  --quiet -o "$out/render.png"
for size in "${sizes[@]}"; do
  step step-$size --size $size
  step step-$size-half --size $size --precision half
done
for size in "${sizes[@]}"; do torch torch-$size-float16 --size $size --autocast float16; done
tessera tune tune --device $device "${tuned[@]}"
cp "$XDG_CACHE_HOME"/tessera/tuning/*.json "$out" 2> /dev/null
step step-${sizes[1]}-half-tuned --size ${sizes[1]} --precision half
for size in "${large[@]}"; do step step-$size-half --size $size --precision half --steps 2; done
tessera bench-kernels bench kernels --json --device $device
torch torch-${sizes[1]}-tf32 --size ${sizes[1]} --tf32
torch torch-${sizes[1]}-compiled --size ${sizes[1]} --autocast float16 --compile
