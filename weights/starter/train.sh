#!/bin/bash
# Trains the starter's models from the pictures of weights/world, one stage after the other:
#   codec    VQGAN of factor 8 on pictures of 64x64, 1024 codes; in its second half with the discriminator
#   words    CLIP of a vision transformer 64/8, with a vocabulary of its own
#   shapes   the same against small perturbations, which makes it reward shapes instead of noise
#   painter  codebook transformer over 64 codes, behind the words
#   examiner CLIP of another seed and shape, on other pairs, which judges and never guides
#
#   train.sh TESSERA WORLD RUNS [STAGE...]
#
# WORLD is what `make world` built. Each stage is a run in RUNS, which may be stopped and is gone on with;
# one that is done is left alone. SMALL=1 trains tiny models for a few steps on WORLD, then a folder of
# pictures with captions (small.py writes one): a test of the path.
# DEVICE names the device (auto); CODEC_DEVICE that of the codec, whose convolutions may suit another.
set -euo pipefail

tessera=$1 world=$2 runs=$3
shift 3
stages=${*:-codec words shapes painter examiner}
device=${DEVICE:-auto} codec_device=${CODEC_DEVICE:-${DEVICE:-auto}}
here=$(cd "$(dirname "$0")" && pwd)
stream="pipe:$world/packages/venv/bin/python $here/../world/stream.py $world/out --size 64"
# Pairs of these seeds are held out, those of others learned from.
held_out=4000000
common=(--size 64 --log-every 100 --save-every 10)

# run NAME DEVICE ARGUMENTS...: a stage begun, gone on with, or done already.
run() {
  local name=$1 on=$2
  shift 2
  [[ " $stages " == *" $name "* ]] || return 0
  echo "== $name"
  if [[ -e $runs/$name/run.json ]]; then
    "$tessera" train resume "$runs/$name" --device "$on" --log-every 100 --save-every 10
  else
    "$tessera" train "$@" -o "$runs/$name" "${common[@]}" --device "$on"
  fi
}

data() { echo "$stream $1 --seed {seed} --start {start}"; }
others() { echo "$stream $1 --seed $held_out --start {start}"; }

if [[ ${SMALL:-} ]]; then
  data() { echo "$world"; }
  others() { echo "$world"; }
  codec=(--batch 4 --steps 12 --codes 64 --adversarial-start 6)
  words=(--batch 16 --steps 12 --width 64 --layers 1 --text-layers 1)
  shapes=(--batch 16 --steps 2 --adversarial 0.02:1)
  painter=(--batch 8 --steps 12 --width 64 --layers 1 --encoded 64)
  examiner=(--batch 16 --steps 12 --width 64 --layers 1 --text-layers 1 --patch 16)
else
  codec=(--batch 16 --steps 30000 --adversarial-start 20000)
  words=(--batch 256 --steps 12000 --width 192)
  shapes=(--batch 128 --steps 2000 --rate 2e-4 --adversarial 0.02:2)
  painter=(--batch 32 --steps 40000 --encoded 196608)
  examiner=(--batch 256 --steps 5000 --width 128 --patch 16)
fi

mkdir -p "$runs"
run codec "$codec_device" vqgan "$(data "")" --held-out "$(others "")" \
  --seed 1 "${codec[@]}"
run words "$device" clip "$(data "")" --held-out "$(others "")" --seed 2 "${words[@]}"
run shapes "$device" clip "$(data "")" --held-out "$(others "")" --seed 3 \
  --from "$runs/words/model.safetensors" "${shapes[@]}"
run painter "$device" transformer "$(data "--steady")" \
  --held-out "$(others "--steady")" --seed 4 --vqgan "$runs/codec/model.safetensors" \
  --merges "$runs/words/merges.txt" "${painter[@]}"
run examiner "$device" clip "$(data "")" --held-out "$(others "")" --seed 5 \
  "${examiner[@]}"
