#!/bin/bash
# Puts what train.sh made into a folder, under the names that Tessera looks for.
#
#   collect.sh RUNS FOLDER
set -euo pipefail
runs=$1 folder=$2
mkdir -p "$folder"
for stage in shapes words; do
  [[ -e $runs/$stage/model.safetensors ]] && { words=$runs/$stage; break; }
done
# Each whole, or as it was before.
put() { cp "$1" "$folder/.$2.part" && mv "$folder/.$2.part" "$folder/$2"; }
put "$runs/codec/model.safetensors" vqgan.safetensors
put "$runs/codec/model.yaml" vqgan.yaml
put "$words/model.safetensors" clip.safetensors
put "$words/merges.txt" merges.txt
put "$runs/painter/model.safetensors" transformer.safetensors
put "$runs/painter/model.yaml" transformer.yaml
cmp -s "$words/merges.txt" "$runs/painter/merges.txt" || {
  echo "collect: the painter's vocabulary is not the perceptor's: train both on the same pairs" >&2
  exit 1
}
