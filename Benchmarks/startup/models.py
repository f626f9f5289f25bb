"""Checkpoints as large as the public ones, of random weights: VQGAN f16 with 16384 codes and CLIP
ViT-B/32, named as their originals name them."""

import itertools
import json
import math
import string
import struct
from pathlib import Path

import numpy

MULTIPLIERS, BASE, BLOCKS, LATENT, CODES = [1, 1, 2, 2, 4], 128, 2, 256, 16384

YAML = """model:
  target: taming.models.vqgan.VQModel
  params:
    embed_dim: 256
    n_embed: 16384
    ddconfig:
      double_z: false
      z_channels: 256
      resolution: 256
      in_channels: 3
      out_ch: 3
      ch: 128
      ch_mult: [1, 1, 2, 2, 4]
      num_res_blocks: 2
      attn_resolutions: [16]
      dropout: 0.0
"""


def convolution(shapes, name, inputs, outputs, kernel):
    shapes[f"{name}.weight"] = (outputs, inputs, kernel, kernel)
    shapes[f"{name}.bias"] = (outputs,)


def norm(shapes, name, channels):
    shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (channels,)


def residual(shapes, name, inputs, outputs):
    norm(shapes, f"{name}.norm1", inputs)
    convolution(shapes, f"{name}.conv1", inputs, outputs, 3)
    norm(shapes, f"{name}.norm2", outputs)
    convolution(shapes, f"{name}.conv2", outputs, outputs, 3)
    if inputs != outputs:
        convolution(shapes, f"{name}.nin_shortcut", inputs, outputs, 1)


def attention(shapes, name, channels):
    norm(shapes, f"{name}.norm", channels)
    for part in ("q", "k", "v", "proj_out"):
        convolution(shapes, f"{name}.{part}", channels, channels, 1)


def middle(shapes, name, channels):
    residual(shapes, f"{name}.block_1", channels, channels)
    attention(shapes, f"{name}.attn_1", channels)
    residual(shapes, f"{name}.block_2", channels, channels)


def vqgan():
    """Shape of each tensor, by name."""
    shapes = {}
    widths = [BASE * factor for factor in MULTIPLIERS]
    last = len(widths) - 1
    convolution(shapes, "encoder.conv_in", 3, BASE, 3)
    inputs = BASE
    for level, width in enumerate(widths):
        for block in range(BLOCKS):
            residual(shapes, f"encoder.down.{level}.block.{block}", inputs, width)
            inputs = width
            if level == last:
                attention(shapes, f"encoder.down.{level}.attn.{block}", width)
        if level < last:
            convolution(shapes, f"encoder.down.{level}.downsample.conv", width, width, 3)
    middle(shapes, "encoder.mid", inputs)
    norm(shapes, "encoder.norm_out", inputs)
    convolution(shapes, "encoder.conv_out", inputs, LATENT, 3)
    convolution(shapes, "decoder.conv_in", LATENT, inputs, 3)
    middle(shapes, "decoder.mid", inputs)
    for level in reversed(range(len(widths))):
        for block in range(BLOCKS + 1):
            residual(shapes, f"decoder.up.{level}.block.{block}", inputs, widths[level])
            inputs = widths[level]
            if level == last:
                attention(shapes, f"decoder.up.{level}.attn.{block}", inputs)
        if level:
            convolution(shapes, f"decoder.up.{level}.upsample.conv", inputs, inputs, 3)
    norm(shapes, "decoder.norm_out", inputs)
    convolution(shapes, "decoder.conv_out", inputs, 3, 3)
    shapes["quantize.embedding.weight"] = (CODES, LATENT)
    convolution(shapes, "quant_conv", LATENT, LATENT, 1)
    convolution(shapes, "post_quant_conv", LATENT, LATENT, 1)
    return shapes


def transformer(shapes, name, width, layers):
    for layer in range(layers):
        block = f"{name}.resblocks.{layer}"
        norm(shapes, f"{block}.ln_1", width)
        norm(shapes, f"{block}.ln_2", width)
        shapes[f"{block}.attn.in_proj_weight"] = (3 * width, width)
        shapes[f"{block}.attn.in_proj_bias"] = (3 * width,)
        for part, outputs, inputs in (("attn.out_proj", width, width),
                                      ("mlp.c_fc", 4 * width, width),
                                      ("mlp.c_proj", width, 4 * width)):
            shapes[f"{block}.{part}.weight"] = (outputs, inputs)
            shapes[f"{block}.{part}.bias"] = (outputs,)


def clip():
    """Shape of each tensor, by name."""
    shapes = {
        "visual.class_embedding": (768,), "visual.positional_embedding": (50, 768),
        "visual.proj": (768, 512), "visual.conv1.weight": (768, 3, 32, 32),
        "token_embedding.weight": (49408, 512), "positional_embedding": (77, 512),
        "text_projection": (512, 512), "logit_scale": ()}
    norm(shapes, "visual.ln_pre", 768)
    norm(shapes, "visual.ln_post", 768)
    norm(shapes, "ln_final", 512)
    transformer(shapes, "visual.transformer", 768, 12)
    transformer(shapes, "transformer", 512, 12)
    return shapes


def write(path, shapes):
    """Safetensors in fp32: vectors about 1 where they scale, else about 0; deviation 1/√fan-in."""
    random = numpy.random.default_rng(0)
    header, offset = {}, 0
    for name, shape in shapes.items():
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in shapes.items():
            deviation = 1 / math.sqrt(math.prod(shape[1:])) if len(shape) > 1 else 0.02
            mean = 1 if len(shape) == 1 and name.endswith("weight") else 0
            values = random.standard_normal(math.prod(shape), dtype=numpy.float32)
            file.write((mean + deviation * values).astype(numpy.float32).tobytes())


def merges():
    """Lines of a vocabulary of CLIP's size: tokens of two, three and four letters."""
    letters = string.ascii_lowercase
    pairs = [f"{a} {b}" for length in (1, 2, 3)
             for a in map("".join, itertools.product(letters, repeat=length)) for b in letters]
    return "\n".join(["#version: 0.2"] + pairs[:49408 - 514]) + "\n"


def make(folder):
    """Writes what is missing; returns the paths of VQGAN and CLIP."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, shapes in (("vqgan", vqgan()), ("clip", clip())):
        path = folder / f"{name}.safetensors"
        if not path.exists():
            write(path, shapes)
        paths.append(path)
    (folder / "vqgan.yaml").write_text(YAML)
    (folder / "merges.txt").write_text(merges())
    return paths
