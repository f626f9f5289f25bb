"""Writes originals/perceptual.safetensors: the perceptual network and its distance in PyTorch.

    python make_perceptual.py [--out originals]

Needs `torch`, `safetensors` and `efficientnet-lite-pytorch`, whose EfficientNet computes the features
in double precision from weights/perceptual; batch normalisation, which those include, is made to change
nothing. README.md lists the tensors.
"""

import argparse
import pathlib

import torch
import torch.nn.functional as F
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
WEIGHTS = HERE.parent.parent / "weights" / "perceptual" / "efficientnet-lite0.safetensors"
TAPS = (1, 3, 5, 11)  # blocks that begin with a stride, after their expansion
NORMS = {"_conv_stem": "_bn0", "_expand_conv": "_bn0", "_depthwise_conv": "_bn1",
         "_project_conv": "_bn2"}


def network():
    """The port's EfficientNet with padding that follows the picture's size."""
    model = EfficientNet.from_name("efficientnet-lite0", image_size=None).double().eval()
    modules = dict(model.named_modules())
    for name, tensor in load_file(WEIGHTS).items():
        path, kind = name.rsplit(".", 1)
        if kind == "weight":
            modules[path].weight.data.copy_(tensor)
            continue
        parent, _, convolution = path.rpartition(".")
        norm = modules[f"{parent}.{NORMS[convolution]}".lstrip(".")]
        norm.weight.data.fill_(1)
        norm.running_mean.fill_(0)
        norm.running_var.fill_(1 - norm.eps)
        norm.bias.data.copy_(tensor)
    return model


def features(model, pictures):
    """Activations before every stride, of pictures [N,3,H,W] in 0...1."""
    x = (pictures * 255 - 127) / 128
    x = model._swish(model._bn0(model._conv_stem(x)))
    taps = []
    for index, block in enumerate(model._blocks[:TAPS[-1] + 1]):
        if index in TAPS:
            taps.append(block._swish(block._bn0(block._expand_conv(x))))
        x = block(x)
    return taps


def distance(model, a, b):
    total = 0
    for f, g in zip(features(model, a), features(model, b)):
        f, g = (t / (t.square().sum(1, keepdim=True).sqrt() + 1e-10) for t in (f, g))
        total = total + (f - g).square().sum(1).mean((1, 2))
    return total / len(TAPS)


def picture(generator, *size):
    """Soft spots of colour and faint noise, 0...1, as fp32 holds it."""
    count, channels, height, width = size
    spots = torch.rand(count, channels, 5, 7, generator=generator)
    smooth = F.interpolate(spots, (height, width), mode="bicubic", align_corners=False)
    noise = 0.05 * torch.randn(size, generator=generator)
    return (smooth + noise).clamp(0, 1).double()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "originals")
    out = parser.parse_args().out
    generator = torch.Generator().manual_seed(28)
    model = network()
    tensors = {"square.picture": picture(generator, 1, 3, 32, 32)}
    for index, tap in enumerate(features(model, tensors["square.picture"])):
        tensors[f"square.tap{index}"] = tap
    for name, size in (("pair", (2, 3, 32, 64)), ("odd", (1, 3, 35, 50))):
        a, b = picture(generator, *size), picture(generator, *size)
        b[0] = (a[0] + 0.1 * (b[0] - 0.5)).clamp(0, 1).float().double()
        a.requires_grad_()
        distances = distance(model, a, b)
        (gradient,) = torch.autograd.grad(distances.sum(), a)
        tensors |= {f"{name}.a": a, f"{name}.b": b, f"{name}.distance": distances,
                    f"{name}.a.grad": gradient}
    path = out / "perceptual.safetensors"
    save_file({name: t.detach().float().contiguous() for name, t in tensors.items()}, path)
    print(path, path.stat().st_size)
    with torch.no_grad():
        print({name: t.tolist() for name, t in tensors.items() if name.endswith("distance")})


if __name__ == "__main__":
    main()
