#!/bin/bash
# Packs what a bare x86-64 machine with a GPU's driver lacks to run a clone's files: the program, its
# tests and the shared libraries of both. Prints what the clone and the bundle weigh together, and
# fails where that is more than 60 MB.
#
#     Benchmarks/device-bundle.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
limit=60000000
programs=(.build/release/tessera .build/release/tesseraPackageTests.xctest)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/bin" "$stage/lib" "$stage/fallback" "$folder"
cp "${programs[@]}" "$stage/bin"
# All but the C library, which has to be the machine's own.
ldd "${programs[@]}" | awk '$3 ~ /^\// { print $3 }' | sort -u \
  | grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv)\.so' | xargs cp -L -t "$stage/lib"
# A newer one there comes first: drivers may need it.
mv "$stage"/lib/libstdc++.so.6 "$stage"/lib/libgcc_s.so.1 "$stage/fallback"
# Tests link libxml2 by way of Foundation, and it ICU, whose 31 MB of tables nothing here reads.
for library in "$stage"/lib/libicudata.so.*; do
  [[ -e $library ]] || continue
  version=${library##*.}
  echo "const char icudt${version}_dat[64];" \
    | cc -shared -x c - -Wl,-soname,"libicudata.so.$version" -o "$library"
done
chmod u+w "$stage"/*/*
strip --strip-unneeded "$stage"/*/*
# Not a folder: uncompressed, it is three times the limit.
tar -C "$stage" --owner=0 --group=0 -cf - bin lib fallback | xz -6 --threads=0 > "$folder/bundle.tar.xz"
install -m 755 Benchmarks/run-bundle.sh "$folder/run.sh"

tree=$(git ls-files -z --cached --others --exclude-standard | xargs -0 stat -c %s | awk '{ n += $1 } END { print n }')
bundle=$(cat "$folder"/* | wc -c)
awk -v tree="$tree" -v bundle="$bundle" -v limit="$limit" 'BEGIN {
  printf "the clone has %.1f MB, the bundle %.1f MB; together %.1f MB, at most %.0f MB\n",
    tree / 1e6, bundle / 1e6, (tree + bundle) / 1e6, limit / 1e6
  exit tree + bundle > limit
}'
