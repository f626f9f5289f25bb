"""Writes training/: losses and gradients of PyTorch's training loops on small models.

    python make_training.py [--out training]

The environment is that of make_originals.py. Models are the originals': taming-transformers'
Encoder, Decoder and NLayerDiscriminator, OpenAI's CLIP. Their weights and the pictures are drawn by
`wave`, which the tests repeat, so that no weights are stored. Arithmetic is done in double precision:
the fixtures carry no rounding error of their own. `*.single` are the losses that PyTorch itself
computes in single precision, to hold ours against.

The VQGAN's loop is that of taming-transformers' VQLPIPSWithDiscriminator without LPIPS, but for two
things: the codebook loss is that of the paper (legacy=False), and both networks step at once on the
same reconstruction, so that the discriminator's verdict on it serves both. vqgan-original has neither
change, and a discriminator that counts from the third step on.
"""

import argparse
import math
import pathlib
import zlib

import clip.model
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from taming.modules.diffusionmodules import model as taming
from taming.modules.discriminator.model import NLayerDiscriminator

GROUPS = 8
SIDE, BATCH = 32, 4
CODES, CODE_CHANNELS = 32, 8
CONFIG = dict(
    ch=16, out_ch=3, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=[16], in_channels=3,
    resolution=32, z_channels=16, double_z=False, dropout=0.0)
ORIGINAL_START = 2  # first step in which the discriminator of vqgan-original counts
SAMPLES = 48  # elements of a gradient that are stored


def wave(name, count, scale):
    """Numbers that any language repeats: scale · sin(i² / 7 + i + crc32(name) / 1000)."""
    i = np.arange(count, dtype=np.float64)
    phase = (zlib.crc32(name.encode()) % 100000) / 1000
    return (scale * np.sin(i * i / 7 + i + phase)).astype(np.float32)


def fill(module, scales):
    """Gives every weight its wave; `scales` says how large, gains and variances are about 1."""
    with torch.no_grad():
        for name, tensor in list(module.named_parameters()) + list(module.named_buffers()):
            if not tensor.is_floating_point():
                continue
            values = wave(name, tensor.numel(), scales(name, tensor))
            if tensor.dim() == 1 and ("norm" in name or "ln_" in name or ".weight" in name
                                      or "var" in name) and not name.endswith("bias"):
                values = values + np.float32(1)
            tensor.copy_(torch.from_numpy(values).reshape(tensor.shape))


def scale(name, tensor):
    if tensor.dim() < 2:
        return 0.02
    return 1.2 / math.sqrt(math.prod(tensor.shape[1:]))


def pictures(step):
    values = wave(f"pictures {step}", BATCH * SIDE * SIDE * 3, 127.5) + 127.5
    return torch.from_numpy(np.floor(values).astype(np.float64)).reshape(BATCH, SIDE, SIDE, 3)


class VQGAN(torch.nn.Module):
    def __init__(self):
        super().__init__()
        taming.Normalize = lambda channels: torch.nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.encoder = taming.Encoder(**CONFIG)
        self.decoder = taming.Decoder(**CONFIG)
        self.quantize = torch.nn.Module()
        self.quantize.embedding = torch.nn.Embedding(CODES, CODE_CHANNELS)
        self.quant_conv = torch.nn.Conv2d(CONFIG["z_channels"], CODE_CHANNELS, 1)
        self.post_quant_conv = torch.nn.Conv2d(CODE_CHANNELS, CONFIG["z_channels"], 1)

    def forward(self, x):
        z = self.quant_conv(self.encoder(x)).permute(0, 2, 3, 1)
        flat, book = z.reshape(-1, CODE_CHANNELS), self.quantize.embedding.weight
        distance = (flat * flat).sum(1, True) + (book * book).sum(1) - 2 * flat @ book.t()
        quantized = book[distance.argmin(1)].reshape(z.shape)
        commitment = ((quantized.detach() - z) ** 2).mean()
        codebook = ((quantized - z.detach()) ** 2).mean()
        straight = z + (quantized - z).detach()
        return self.decoder(self.post_quant_conv(straight.permute(0, 3, 1, 2))), commitment, codebook


def train_original(steps, dtype):
    """The loop of VQModel.training_step: optimizer 0, then, by a forward pass of its own, optimizer 1."""
    model, judge = VQGAN(), NLayerDiscriminator(3, ndf=8, n_layers=2)
    fill(model, scale)
    fill(judge, scale)
    model, judge = model.to(dtype), judge.to(dtype)
    adam = dict(lr=2e-5, betas=(0.5, 0.9))
    one, two = torch.optim.Adam(model.parameters(), **adam), torch.optim.Adam(judge.parameters(), **adam)
    rows, tensors = [], {}
    for step in range(steps):
        factor = 0 if step < ORIGINAL_START else 1
        x = pictures(step).to(dtype).permute(0, 3, 1, 2) / 127.5 - 1
        painted, commitment, codebook = model(x)
        nll = (x - painted).abs().mean()
        g = -judge(painted).mean()
        last = model.decoder.conv_out.weight
        a = torch.autograd.grad(nll, last, retain_graph=True)[0]
        b = torch.autograd.grad(g, last, retain_graph=True)[0]
        weight = (a.norm() / (b.norm() + 1e-4)).clamp(0, 1e4).detach() * 0.8
        # VectorQuantizer2 with legacy=True.
        loss = commitment + 0.25 * codebook
        one.zero_grad()
        (nll + weight * factor * g + loss).backward()
        if step == ORIGINAL_START:
            for name, parameter in model.named_parameters():
                keep(tensors, f"vqgan/{name}", parameter.grad)
        one.step()
        painted = model(x)[0]
        real, fake = judge(x), judge(painted.detach())
        d = 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean())
        two.zero_grad()
        (factor * d).backward()
        if step == ORIGINAL_START:
            for name, parameter in judge.named_parameters():
                keep(tensors, f"discriminator/{name}", parameter.grad)
        two.step()
        rows.append([v.item() for v in (nll, commitment, g, weight / 0.8, d)])
        if step == 9:
            for name, buffer in judge.named_buffers():
                if buffer.is_floating_point():
                    tensors[f"running/{name}"] = buffer.detach().float().numpy().copy()
    return np.array(rows, np.float32), tensors


def train_vqgan(steps, dtype, layers=2):
    torch.manual_seed(0)
    model, judge = VQGAN(), NLayerDiscriminator(3, ndf=8, n_layers=layers)
    fill(model, scale)
    fill(judge, scale)
    model, judge = model.to(dtype), judge.to(dtype)
    adam = dict(lr=2e-5, betas=(0.5, 0.9))
    one, two = torch.optim.Adam(model.parameters(), **adam), torch.optim.Adam(judge.parameters(), **adam)
    rows, tensors = [], {}
    for step in range(steps):
        x = pictures(step).to(dtype).permute(0, 3, 1, 2) / 127.5 - 1
        painted, commitment, codebook = model(x)
        nll = (x - painted).abs().mean()
        real, fake = judge(x), judge(painted)
        g = -fake.mean()
        last = model.decoder.conv_out.weight
        a = torch.autograd.grad(nll, last, retain_graph=True)[0]
        b = torch.autograd.grad(g, last, retain_graph=True)[0]
        weight = (a.norm() / (b.norm() + 1e-4)).clamp(0, 1e4).detach()
        d = 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean())
        total = nll + 0.8 * weight * g + 0.25 * commitment + codebook
        ones = torch.autograd.grad(total, list(model.parameters()), retain_graph=True)
        twos = torch.autograd.grad(d, list(judge.parameters()))
        for parameter, gradient in zip(model.parameters(), ones):
            parameter.grad = gradient
        for parameter, gradient in zip(judge.parameters(), twos):
            parameter.grad = gradient
        if step == 0:
            for module, gradients in (("vqgan", ones), ("discriminator", twos)):
                owner = model if module == "vqgan" else judge
                for (name, _), gradient in zip(owner.named_parameters(), gradients):
                    keep(tensors, f"{module}/{name}", gradient)
        one.step()
        two.step()
        rows.append([v.item() for v in (nll, commitment, g, weight, d)])
        if step == 9:
            for name, buffer in judge.named_buffers():
                if buffer.is_floating_point():
                    tensors[f"running/{name}"] = buffer.detach().float().numpy().copy()
    return np.array(rows, np.float32), tensors


def keep(tensors, name, gradient):
    """Some elements of a gradient, evenly spread, and the largest of all."""
    flat = gradient.detach().double().reshape(-1).numpy()
    stride = max(1, len(flat) // SAMPLES)
    tensors["gradient/" + name] = flat[::stride].astype(np.float32)
    tensors["largest/" + name] = np.array([np.abs(flat).max()], np.float32)


PAIRS, WIDTH, LENGTH, WORDS = 6, 64, 8, 520


def train_clip(steps, dtype):
    model = clip.model.CLIP(
        embed_dim=32, image_resolution=32, vision_layers=2, vision_width=WIDTH, vision_patch_size=8,
        context_length=LENGTH, vocab_size=WORDS, transformer_width=WIDTH, transformer_heads=1,
        transformer_layers=2)
    fill(model, scale)
    with torch.no_grad():
        model.logit_scale.fill_(math.log(1 / 0.07))
    model = model.to(dtype)
    # The original's LayerNorm computes in single precision whatever it is given.
    clip.model.LayerNorm.forward = torch.nn.LayerNorm.forward
    mask = model.build_attention_mask().to(dtype)
    for block in model.transformer.resblocks:
        block.attn_mask = mask
    matrices = [p for n, p in model.named_parameters() if p.dim() > 1]
    others = [p for n, p in model.named_parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [dict(params=matrices, weight_decay=0.2), dict(params=others, weight_decay=0)], lr=1e-3,
        betas=(0.9, 0.98), eps=1e-6)
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073], dtype=dtype)
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711], dtype=dtype)
    rows, tensors = [], {}
    for step in range(steps):
        values = wave(f"pairs {step}", PAIRS * 32 * 32 * 3, 127.5) + 127.5
        x = torch.from_numpy(np.floor(values)).to(dtype).reshape(PAIRS, 32, 32, 3) / 255
        x = ((x - mean) / deviation).permute(0, 3, 1, 2)
        tokens = np.abs(wave(f"tokens {step}", PAIRS * LENGTH, 500)).astype(np.int64)
        tokens = torch.from_numpy(tokens).reshape(PAIRS, LENGTH)
        tokens[:, 0], tokens[:, LENGTH - 2] = WORDS - 2, WORDS - 1
        tokens[:, LENGTH - 1] = 0
        images = F.normalize(model.visual(x), dim=1)
        texts = F.normalize(encode_text(model, tokens), dim=1)
        logits = model.logit_scale.exp() * images @ texts.t()
        labels = torch.arange(PAIRS)
        loss = 0.5 * (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            for name, parameter in model.named_parameters():
                keep(tensors, f"clip/{name}", parameter.grad)
        rows.append([loss.item(), model.logit_scale.exp().item()])
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, 4.6052)
    return np.array(rows, np.float32), tensors


def encode_text(model, tokens):
    x = model.token_embedding(tokens) + model.positional_embedding
    x = model.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)
    x = model.ln_final(x)
    return x[torch.arange(len(x)), tokens.argmax(-1)] @ model.text_projection


def maps():
    """Verdicts of discriminators of 1 to 5 layers, on even and odd sizes, not in training."""
    tensors = {}
    for layers in range(1, 6):
        judge = NLayerDiscriminator(3, ndf=8, n_layers=layers)
        fill(judge, scale)
        judge = judge.double().eval()
        least = {1: 24, 2: 32, 3: 48, 4: 64, 5: 112}[layers]
        for height, width in ((least, least), (least + 5, least + 9)):
            x = torch.from_numpy(wave("map", height * width * 3, 1).astype(np.float64))
            x = x.reshape(1, height, width, 3).permute(0, 3, 1, 2)
            with torch.no_grad():
                verdicts = judge(x)[0, 0]
            tensors[f"map/{layers}/{height}x{width}"] = verdicts.float().numpy()
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="training")
    out = parser.parse_args().out
    out.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    losses, tensors = train_vqgan(100, torch.float64)
    tensors["losses"] = losses
    tensors["losses.single"] = train_vqgan(100, torch.float32)[0]
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()} | maps(),
              out / "vqgan.safetensors")
    losses, tensors = train_original(10, torch.float64)
    tensors["losses"] = losses
    tensors["losses.single"] = train_original(10, torch.float32)[0]
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()},
              out / "vqgan-original.safetensors")
    losses, tensors = train_clip(200, torch.float64)
    tensors["losses"] = losses
    tensors["losses.single"] = train_clip(200, torch.float32)[0]
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, out / "clip.safetensors")


if __name__ == "__main__":
    main()
