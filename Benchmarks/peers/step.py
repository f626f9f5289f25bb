"""One step of VQGAN+CLIP in PyTorch, built of the originals' modules with random weights.

    python step.py [--size 256] [--cutouts 32] [--steps 3] [--autocast [float16]] [--compile]
                   [--device cpu] [--plain]

Needs torch, taming-transformers' Decoder and OpenAI's clip; with --plain torch alone. Prints one line
of JSON: the seconds of each step after a first one, and the peak of memory, the process's or on CUDA
the device's.
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

PIXEL_MEAN = (0.48145466, 0.4578275, 0.40821073)
PIXEL_DEVIATION = (0.26862954, 0.26130258, 0.27577711)


class Generator(torch.nn.Module):
    """VQGAN f16 with 16384 codes, from latent to picture in 0..1."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        self.post_quant_conv = torch.nn.Conv2d(256, 256, 1)
        self.register_buffer("codebook", torch.randn(16384, 256))

    def quantize(self, latent):
        """The nearest codes of [1,C,h,w]; gradients pass straight through."""
        features = latent.movedim(1, 3)
        distances = self.codebook.pow(2).sum(1) - 2 * features @ self.codebook.T
        codes = self.codebook[distances.argmin(-1)]
        return (features + (codes - features).detach()).movedim(3, 1)

    def forward(self, latent):
        picture = self.decoder(self.post_quant_conv(self.quantize(latent)))
        return picture.add(1).div(2).clamp(0, 1)


class Perceptor(torch.nn.Module):
    """Cutouts of a picture, embedded by CLIP ViT-B/32."""

    def __init__(self, encoder, cutouts):
        super().__init__()
        self.cutouts = cutouts
        self.encoder = encoder
        self.register_buffer("mean", torch.tensor(PIXEL_MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(PIXEL_DEVIATION).view(1, 3, 1, 1))

    def forward(self, picture):
        n, device = self.cutouts, picture.device
        pooled = F.adaptive_avg_pool2d(picture, 224) + F.adaptive_max_pool2d(picture, 224)
        maps = torch.eye(2, 3, device=device) + 0.1 * torch.randn(n, 2, 3, device=device)
        grid = F.affine_grid(maps, (n, 3, 224, 224), align_corners=False)
        batch = F.grid_sample((pooled / 2).expand(n, -1, -1, -1), grid, align_corners=False)
        deviation = 0.1 * torch.rand(n, 1, 1, 1, device=device)
        batch = batch + deviation * torch.randn_like(batch)
        return self.encoder((batch - self.mean) / self.deviation)


def spherical_distance(embeddings, target):
    chord = (F.normalize(embeddings.float(), dim=-1) - target).norm(dim=-1)
    return chord.div(2).arcsin().square().mul(2).mean()


def original_modules():
    """The decoder of taming-transformers' f16 and the image encoder of OpenAI's ViT-B/32."""
    from clip.model import CLIP
    from taming.modules.diffusionmodules.model import Decoder

    with contextlib.redirect_stdout(sys.stderr):  # the Decoder tells of its size
        decoder = Decoder(
            ch=128, out_ch=3, ch_mult=(1, 1, 2, 2, 4), num_res_blocks=2, attn_resolutions=[16],
            in_channels=3, resolution=256, z_channels=256, double_z=False,
        )  # fmt: skip
    clip = CLIP(
        embed_dim=512, image_resolution=224, vision_layers=12, vision_width=768,
        vision_patch_size=32, context_length=77, vocab_size=49408, transformer_width=512,
        transformer_heads=8, transformer_layers=12,
    )  # fmt: skip
    return decoder, clip.visual


def plain_modules():
    """The same, written for this comparison."""
    from plain_models import Decoder, VisionTransformer

    return Decoder(), VisionTransformer()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--cutouts", type=int, default=32)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--autocast", nargs="?", const="bfloat16", choices=["bfloat16", "float16"],
        help="this type, bfloat16 by default, where PyTorch sees fit")
    parser.add_argument("--tf32", action="store_true", help="products in tf32 on CUDA")
    parser.add_argument("--plain", action="store_true", help="models written here, not the originals")
    parser.add_argument("--compile", action="store_true")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)

    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = arguments.tf32
    decoder, encoder = plain_modules() if arguments.plain else original_modules()
    generator = Generator(decoder).eval().requires_grad_(False).to(device)
    perceptor = Perceptor(encoder, arguments.cutouts).eval().requires_grad_(False).to(device)
    target = F.normalize(torch.randn(1, 512, device=device), dim=-1)
    side = arguments.size // 16
    codes = torch.randint(16384, (1, side, side), device=device)
    latent = generator.codebook[codes].movedim(3, 1).clone().requires_grad_(True)
    optimizer = torch.optim.Adam([latent], lr=0.1)

    def loss_of(latent):
        return spherical_distance(perceptor(generator(latent)), target)

    if arguments.compile:
        loss_of = torch.compile(loss_of)

    def step():
        optimizer.zero_grad(set_to_none=True)
        half = getattr(torch, arguments.autocast or "bfloat16")
        with torch.autocast(device.type, dtype=half, enabled=arguments.autocast is not None):
            loss = loss_of(latent)
        loss.backward()
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()

    step()  # plans kernels, and compiles
    seconds = []
    for _ in range(arguments.steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated()
    print(json.dumps({"seconds": seconds, "peakBytes": peak, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
