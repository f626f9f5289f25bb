#!/bin/bash
# Runs a program of the bundle beside this script: run.sh tessera devices. The first run unpacks the
# bundle into TMPDIR. Kernels and models are those of TESSERA_HOME; by default the clone that
# holds the bundle in out/device-bundle.
set -euo pipefail
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
place=${TMPDIR:-/tmp}/tessera-bundle-$(cksum < "$bundle/bundle.tar.xz" | tr ' ' -)
if [[ ! -e $place/complete ]]; then
  rm -rf "$place"
  mkdir -p "$place"
  # tar needs the program xz; Python brings its own.
  tar -xJf "$bundle/bundle.tar.xz" -C "$place" 2>/dev/null \
    || python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' \
      "$bundle/bundle.tar.xz" "$place"
  touch "$place/complete"
fi

libraries=$place/lib
system=$(/sbin/ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6/ { path = $NF } END { print path }')
grep -aqs GLIBCXX_3.4.30 "$system" || libraries+=:$place/fallback

# NVIDIA's OpenCL may be there without being registered, as in containers.
mkdir -p "$place/vendors"
cp /etc/OpenCL/vendors/*.icd "$place/vendors" 2>/dev/null || true
IFS=: read -ra folders <<< "${LD_LIBRARY_PATH:-}"
driver=$(find -L "${folders[@]}" /usr/local/nvidia /usr/lib /usr/lib64 -maxdepth 4 \
  -name 'libnvidia-opencl.so*' 2> /dev/null | sort | awk 'NR == 1' || true)
if [[ -n $driver ]]; then
  rm -f "$place"/vendors/*nvidia*.icd
  echo "$driver" > "$place/vendors/nvidia.icd"
  libraries+=:$(dirname "$driver")
elif [[ -e /dev/nvidia0 ]]; then
  echo "run.sh: NVIDIA's driver is here, but its OpenCL, libnvidia-opencl.so.1, is not found" >&2
fi
export OCL_ICD_VENDORS=${OCL_ICD_VENDORS:-$place/vendors/}
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export TESSERA_HOME=${TESSERA_HOME:-$(dirname "$(dirname "$bundle")")}
program=$1
shift
exec "$place/bin/$program" "$@"
