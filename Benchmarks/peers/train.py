"""A step of training in PyTorch, eager and in single precision: what `tessera bench step --work
train-vqgan`, `train-clip` and `train-transformer` do, on the originals' modules.

    python train.py --work train-vqgan|train-clip|train-transformer [--batch N] [--steps N]

The environment is that of Tests/Fixtures/make_originals.py. Prints JSON, as step.py does.
"""

import argparse
import contextlib
import json
import resource
import sys
import time
import types

import torch
import torch.nn.functional as F

BATCH = {"train-vqgan": 8, "train-clip": 256, "train-transformer": 16}


def vqgan(batch):
    from taming.modules.diffusionmodules import model as taming
    from taming.modules.discriminator.model import NLayerDiscriminator, weights_init

    config = dict(
        ch=32, out_ch=3, ch_mult=(1, 2, 4, 5), num_res_blocks=2, attn_resolutions=[],
        in_channels=3, resolution=128, z_channels=128, double_z=False, dropout=0.0)
    taming.Normalize = lambda channels: torch.nn.GroupNorm(8, channels, eps=1e-6)
    encoder, decoder = taming.Encoder(**config), taming.Decoder(**config)
    before, after = torch.nn.Conv2d(128, 64, 1), torch.nn.Conv2d(64, 128, 1)
    book = torch.nn.Parameter(torch.rand(1024, 64) * 2e-3 - 1e-3)
    judge = NLayerDiscriminator(3, ndf=64, n_layers=3).apply(weights_init)
    weights = [p for m in (encoder, decoder, before, after) for p in m.parameters()] + [book]
    print_count(weights)
    one = torch.optim.Adam(weights, lr=1e-4, betas=(0.5, 0.9))
    two = torch.optim.Adam(judge.parameters(), lr=1e-4, betas=(0.5, 0.9))
    pictures = torch.randint(0, 256, (batch, 3, 128, 128), dtype=torch.uint8)

    def step():
        x = pictures.float() / 127.5 - 1
        z = before(encoder(x)).permute(0, 2, 3, 1)
        flat = z.reshape(-1, 64)
        distance = (flat * flat).sum(1, True) + (book * book).sum(1) - 2 * flat @ book.t()
        quantized = book[distance.argmin(1)].reshape(z.shape)
        latent = 0.25 * ((quantized.detach() - z) ** 2).mean() + ((quantized - z.detach()) ** 2).mean()
        painted = decoder(after((z + (quantized - z).detach()).permute(0, 3, 1, 2)))
        nll = (x - painted).abs().mean()
        real, fake = judge(x), judge(painted)
        last = decoder.conv_out.weight
        a = torch.autograd.grad(nll, last, retain_graph=True)[0]
        b = torch.autograd.grad(-fake.mean(), last, retain_graph=True)[0]
        weight = (a.norm() / (b.norm() + 1e-4)).clamp(0, 1e4).detach()
        d = 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean())
        total = nll - 0.8 * weight * fake.mean() + latent
        gradients = torch.autograd.grad(total, weights, retain_graph=True)
        verdicts = torch.autograd.grad(d, list(judge.parameters()))
        for parameters, values in ((weights, gradients), (judge.parameters(), verdicts)):
            for parameter, gradient in zip(parameters, values):
                parameter.grad = gradient
        one.step()
        two.step()

    return step


def clip(batch):
    import clip.model

    model = clip.model.CLIP(
        embed_dim=256, image_resolution=64, vision_layers=6, vision_width=320, vision_patch_size=8,
        context_length=32, vocab_size=4096, transformer_width=256, transformer_heads=4,
        transformer_layers=4)
    print_count(model.parameters())
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2)
    pictures = torch.randint(0, 256, (batch, 3, 64, 64), dtype=torch.uint8)
    tokens = torch.randint(0, 4000, (batch, 32))
    tokens[:, -1] = 4095
    labels = torch.arange(batch)

    def step():
        images = F.normalize(model.encode_image(pictures.float() / 255), dim=1)
        texts = F.normalize(model.encode_text(tokens), dim=1)
        logits = model.logit_scale.exp() * images @ texts.t()
        loss = 0.5 * (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def transformer(batch):
    # mingpt.py imports a function that newer versions have not; it is for a class that is not used.
    sys.modules["transformers"] = types.SimpleNamespace(top_k_top_p_filtering=None)
    from taming.modules.transformer.mingpt import GPT

    words, codes = 16, 256
    model = GPT(5120, words + codes - 1, n_layer=8, n_head=5, n_embd=320)
    model.head = torch.nn.Linear(320, 1024, bias=False)
    print_count(model.parameters())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.01)
    sequence = torch.randint(0, 1024, (batch, words + codes))

    def step():
        logits = model(sequence[:, :-1])[0][:, words - 1:]
        loss = F.cross_entropy(logits.reshape(-1, 1024), sequence[:, words:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()

    return step


def print_count(parameters):
    print(f"{sum(p.numel() for p in parameters) / 1e6:.1f} million weights", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", choices=BATCH, required=True)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--steps", type=int, default=2)
    o = parser.parse_args()
    torch.manual_seed(0)
    # taming-transformers' modules print their sizes.
    with contextlib.redirect_stdout(sys.stderr):
        make = {"train-vqgan": vqgan, "train-clip": clip, "train-transformer": transformer}[o.work]
        step = make(o.batch or BATCH[o.work])
    step()
    seconds = []
    for _ in range(o.steps):
        begin = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"torch": torch.__version__, "seconds": seconds, "peakBytes": peak}))


if __name__ == "__main__":
    main()
