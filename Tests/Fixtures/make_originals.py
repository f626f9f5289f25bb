"""Writes the model fixtures in originals/: what PyTorch's originals compute on the starter pair.

    python make_originals.py STARTER [--out originals]

STARTER is the folder with vqgan.ckpt, vqgan.yaml, clip.pt, merges.txt and world.py.

The environment: Python 3.11 with
    pip install "setuptools<80" torch torchvision numpy einops omegaconf ftfy regex pyyaml \
        safetensors openai-clip taming-transformers-rom1504
(openai-clip imports pkg_resources, which setuptools 80 and later lack; torch 2.x, ftfy 6.3).

The modules are the originals': taming-transformers' Encoder, Decoder and VectorQuantizer2, and
OpenAI's CLIP and SimpleTokenizer. Weights are rounded to fp16 first, because that is how Tessera
ships them; everything is then computed in double precision and stored as fp32, so a fixture carries
no rounding error of its own. Layouts are PyTorch's (NCHW); integers are stored as fp32. README.md
beside this file lists every tensor. Seeds are fixed where numbers are drawn.
"""

import argparse
import gzip
import html
import importlib.util
import json
import math
import pathlib
import tempfile

import clip.model
import ftfy
import numpy as np
import regex
import torch
import torch.nn.functional as F
import yaml
from clip.simple_tokenizer import SimpleTokenizer
from safetensors.torch import save_file
from taming.modules.diffusionmodules import model as taming
from taming.modules.vqvae.quantize import VectorQuantizer2

from tokenizer_lines import LINES

PROMPTS = [
    "a yellow star on a blue background", "a red house on green", "a pink flower on white",
    "the sea at sunset", "a turquoise fish on orange", "a forest at night",
    "red and white checkerboard", "a purple mushroom on a yellow background", "a sketch of a boat",
    "a mosaic of a green heart on black",
]
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


# The models


class VQGAN(torch.nn.Module):
    """taming's VQModel without its training half, which needs a Lightning release of 2021."""

    def __init__(self, params):
        super().__init__()
        config = dict(params["ddconfig"])
        groups = config.pop("norm_groups", 32)
        taming.Normalize = lambda channels: torch.nn.GroupNorm(groups, channels, eps=1e-6)
        self.encoder = taming.Encoder(**config)
        self.decoder = taming.Decoder(**config)
        self.quantize = VectorQuantizer2(
            params["n_embed"], params["embed_dim"], beta=0.25, sane_index_shape=True)
        self.quant_conv = torch.nn.Conv2d(config["z_channels"], params["embed_dim"], 1)
        self.post_quant_conv = torch.nn.Conv2d(params["embed_dim"], config["z_channels"], 1)

    def encode(self, picture):
        return self.quant_conv(self.encoder(picture))

    def codes(self, z):
        return self.quantize(z)[2][2]

    def decode(self, quantized):
        return self.decoder(self.post_quant_conv(quantized))

    def codes_to_latent(self, codes):
        return self.quantize.embedding(codes).permute(0, 3, 1, 2).contiguous()


def rounded(state):
    """The state as Tessera ships it: every value the nearest fp16 number."""
    return {name: tensor.half() for name, tensor in state.items()}


def load_vqgan(starter):
    params = yaml.safe_load((starter / "vqgan.yaml").read_text())["model"]["params"]
    state = torch.load(starter / "vqgan.ckpt", map_location="cpu", weights_only=True)["state_dict"]
    model = VQGAN(params)
    model.load_state_dict(rounded(state), strict=True)
    return model.double().eval().requires_grad_(False)


def load_clip(starter):
    state = torch.load(starter / "clip.pt", map_location="cpu", weights_only=True)
    # The original computes layer norms in fp32 whatever the input; here they stay in double.
    clip.model.LayerNorm.forward = torch.nn.LayerNorm.forward
    return clip.model.build_model(rounded(state)).double().requires_grad_(False)


def load_tokenizer(starter):
    """The original class reads a gzip; its empty last entry (the file ends in a newline) counts."""
    with tempfile.NamedTemporaryFile(suffix=".gz") as file:
        file.write(gzip.compress((starter / "merges.txt").read_bytes()))
        file.flush()
        return SimpleTokenizer(file.name)


def load_world(starter):
    spec = importlib.util.spec_from_file_location("world", starter / "world.py")
    world = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(world)
    return world


# Pieces of the loss


class ClampWithGrad(torch.autograd.Function):
    """Clamps to 0...1; outside, a gradient passes only if descent would bring the value back."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0, 1)

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * (grad * (x - x.clamp(0, 1)) >= 0)


class StraightThrough(torch.autograd.Function):
    """The value of the first argument, the gradient to the second."""

    @staticmethod
    def forward(ctx, value, target):
        return value

    @staticmethod
    def backward(ctx, grad):
        return None, grad


def clip_normalize(images):
    mean = torch.tensor(CLIP_MEAN, dtype=images.dtype)[None, :, None, None]
    std = torch.tensor(CLIP_STD, dtype=images.dtype)[None, :, None, None]
    return (images - mean) / std


def spherical_distance(embeddings, texts):
    """2 asin(|a - b| / 2)^2 of unit vectors, every embedding [N,D] with every text [P,D]: [N,P]."""
    a = F.normalize(embeddings, dim=-1)[:, None]
    b = F.normalize(texts, dim=-1)[None]
    return (a - b).norm(dim=-1).div(2).arcsin().square().mul(2)


def affine(angle=0.0, scale=1.0, shift=(0.0, 0.0), shear=0.0):
    c, s = math.cos(angle), math.sin(angle)
    return [[scale * c, scale * (shear - s), shift[0]], [scale * s, scale * c, shift[1]]]


def tokenize(tokenizer, prompts, length):
    start, end = tokenizer.encoder["<|startoftext|>"], tokenizer.encoder["<|endoftext|>"]
    ids = torch.zeros(len(prompts), length, dtype=torch.long)
    for row, prompt in zip(ids, prompts):
        tokens = [start, *tokenizer.encode(prompt), end]
        row[:len(tokens)] = torch.tensor(tokens)
    return ids


# The fixtures


def picture(world, seed, height, width):
    """A drawn picture, [1,3,H,W] in -1...1; a narrow one is the left part of a square one."""
    pixels, caption = world.draw(np.random.default_rng(seed), max(height, width))
    tensor = torch.from_numpy(pixels[:height, :width]).permute(2, 0, 1)[None]
    return tensor.double() / 127.5 - 1, caption


def vqgan_fixture(vqgan, world):
    out = {}
    for name, seed, height, width in (("square", 2, 64, 64), ("tall", 8, 96, 64)):
        image, caption = picture(world, seed, height, width)
        z = vqgan.encode(image)
        codes = vqgan.codes(z)
        print(f"vqgan.{name}: {caption!r}, least margin {code_margin(vqgan, z):.1e}")
        out |= {f"{name}.picture": image, f"{name}.z": z, f"{name}.codes": codes,
                f"{name}.decoded": vqgan.decode(vqgan.codes_to_latent(codes))}
    return out


def code_margin(vqgan, z):
    """How much nearer (squared) the nearest code is than the second, least over positions."""
    distances = torch.cdist(z.flatten(2).transpose(1, 2)[0], vqgan.quantize.embedding.weight)
    nearest = distances.square().topk(2, largest=False).values
    return (nearest[:, 1] - nearest[:, 0]).min().item()


def clip_fixture(perceptor, tokenizer, world):
    rng = np.random.default_rng(3)
    pictures = torch.from_numpy(np.stack([world.draw(rng)[0] for _ in range(3)]))
    images = clip_normalize(pictures.permute(0, 3, 1, 2).double() / 255).float().double()
    tokens = tokenize(tokenizer, PROMPTS, perceptor.context_length)
    return {"images": images, "image_embeddings": perceptor.encode_image(images),
            "tokens": tokens, "text_embeddings": perceptor.encode_text(tokens),
            "logit_scale": perceptor.logit_scale.reshape(1)}


def loss_fixture(vqgan, perceptor, texts, start, seed, dtype=torch.float64):
    """The guidance loss and its gradient at a latent beside the codes of the picture `start`."""
    generator = torch.Generator().manual_seed(seed)
    z = vqgan.codes_to_latent(vqgan.codes(vqgan.encode(start)))
    z = (z + 0.1 * torch.randn(z.shape, generator=generator)).float().to(dtype).requires_grad_()
    side = perceptor.visual.input_resolution
    thetas = torch.tensor([
        affine(), affine(), affine(0.3, 1.25, (0.2, -0.3), 0.1), affine(-0.2, 0.8, (-0.6, 0.5)),
    ]).float().to(dtype)
    noise = (0.05 * torch.randn(4, 3, side, side, generator=generator)).float().to(dtype)
    weights = torch.tensor([1.0, -0.25], dtype=dtype)

    codes = vqgan.codes(z)
    decoded = vqgan.decode(StraightThrough.apply(vqgan.codes_to_latent(codes), z))
    image = ClampWithGrad.apply((decoded + 1) / 2)
    pooled = (F.adaptive_avg_pool2d(image, side) + F.adaptive_max_pool2d(image, side)) / 2
    grid = F.affine_grid(thetas, (4, 3, side, side), align_corners=False)
    cutouts = F.grid_sample(pooled.expand(4, -1, -1, -1), grid, mode="bilinear",
                            padding_mode="reflection", align_corners=False) + noise
    embeddings = perceptor.encode_image(clip_normalize(cutouts))
    distances = spherical_distance(embeddings, texts)
    loss = (distances.mean(0) * weights).sum()
    kept = [pooled, cutouts, embeddings, z]
    gradients = torch.autograd.grad(loss, kept)
    clamped = (decoded.abs() > 1).double().mean().item()
    print(f"loss at {tuple(start.shape)}: {loss.item():.6f}, least margin "
          f"{code_margin(vqgan, z.detach()):.1e}, clamped {clamped:.1%}, "
          f"|gradient| {gradients[3].norm().item():.3e}")
    return {"z": z, "codes": codes, "pooled": pooled, "thetas": thetas,
            "noise": noise, "cutouts": cutouts, "embeddings": embeddings,
            "texts": texts, "weights": weights, "distances": distances, "loss": loss.reshape(1),
            "pooled.grad": gradients[0], "embeddings.grad": gradients[2], "z.grad": gradients[3]}


def tokenizer_fixture(tokenizer):
    """Each line, cleaned and encoded, and the steps its cleaning took beyond spaces and case."""
    entries = []
    for text in LINES:
        fixed = ftfy.fix_text(text)
        cleaned = html.unescape(html.unescape(fixed)).strip()
        steps = ftfy.fix_and_explain(text).explanation or []
        needs = {step.parameter if step.action in ("apply", "normalize") else "mojibake"
                 for step in steps}
        if fixed != html.unescape(html.unescape(fixed)):
            needs.add("unescape_html")
        cleaned = regex.sub(r"\s+", " ", cleaned).strip().lower()
        entries.append({"text": text, "cleaned": cleaned, "ids": tokenizer.encode(text),
                        "needs": sorted(needs)})
    return entries


def write(path, tensors):
    stored = {name: tensor.detach().float().contiguous() for name, tensor in tensors.items()}
    save_file(stored, path)
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("starter", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent / "originals")
    arguments = parser.parse_args()
    starter, out = arguments.starter, arguments.out
    out.mkdir(parents=True, exist_ok=True)

    world, tokenizer = load_world(starter), load_tokenizer(starter)
    vqgan, perceptor = load_vqgan(starter), load_clip(starter)
    write(out / "vqgan.safetensors", vqgan_fixture(vqgan, world))
    encoded = clip_fixture(perceptor, tokenizer, world)
    write(out / "clip.safetensors", encoded)
    texts = encoded["text_embeddings"][:2].float().double()
    # A picture that is mostly white decodes above 1 in places, so the clamp has work.
    square = loss_fixture(vqgan, perceptor, texts, picture(world, 2, 128, 128)[0], seed=11)
    # The windows that pool 96x80 to 64x64 overlap, unequally in the two directions.
    oblong = loss_fixture(vqgan, perceptor, texts, picture(world, 2, 96, 80)[0], seed=12)
    short = ("z", "noise", "loss", "z.grad")
    write(out / "loss.safetensors", {f"square.{name}": t for name, t in square.items()}
          | {f"oblong.{name}": oblong[name] for name in short})
    lines = json.dumps(tokenizer_fixture(tokenizer), ensure_ascii=True, indent=0)
    (out / "tokenizer.json").write_text(lines + "\n")


if __name__ == "__main__":
    main()
