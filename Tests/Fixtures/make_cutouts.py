"""Writes originals/cutouts.safetensors: crops and augmentations as the notebooks' libraries make them.

    python make_cutouts.py [--out originals]

Needs `torch`, `safetensors`, `numpy`, `pillow` and kornia 0.5.4, which nerdyrodent/VQGAN-CLIP was
written for (`pip install --no-deps kornia==0.5.4`, beside `packaging`). Inputs are fp32 numbers;
results are computed in double precision and stored as fp32. README.md lists the tensors.
"""

import argparse
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file

# Removed from PyTorch since.
torch.solve = lambda b, a: (torch.linalg.solve(a, b), a)

import kornia.augmentation as K  # noqa: E402

GENERATOR = torch.Generator().manual_seed(27)
SIDE = 24
COUNT = 3


def uniform(*shape, low=0.0, high=1.0):
    """Uniform fp32 numbers, held as doubles."""
    return (torch.rand(shape, generator=GENERATOR) * (high - low) + low).double()


def whole(x):
    return x.floor().double()


def augmented(augmentation, x, **parameters):
    """`x` augmented by given parameters, in all of its pictures."""
    parameters["batch_prob"] = torch.ones(len(x), dtype=torch.bool)
    return augmentation(x, params=parameters)


def lanczos_filter(ratio):
    """Taps of the Lanczos filter (a = 2) at multiples of `ratio` inside its support."""
    reach = math.ceil(2 / ratio + 1) - 2
    places = torch.arange(-reach, reach + 1).double() * ratio
    taps = torch.sinc(places) * torch.sinc(places / 2)
    return taps / taps.sum()


def notebook_resample(crop, side):
    """A crop [1,3,s,s] as the notebooks bring it to `side`."""
    size = crop.shape[-1]
    if side < size:
        taps = lanczos_filter(side / size)
        pad = len(taps) // 2
        planes = crop.reshape(3, 1, size, size)
        planes = F.conv2d(F.pad(planes, (0, 0, pad, pad), "reflect"), taps.reshape(1, 1, -1, 1))
        planes = F.conv2d(F.pad(planes, (pad, pad, 0, 0), "reflect"), taps.reshape(1, 1, 1, -1))
        crop = planes.reshape(1, 3, size, size)
    return F.interpolate(crop, (side, side), mode="bicubic", align_corners=True)


def crops():
    """Boxes that shrink, that enlarge, and that are as large as the picture is high."""
    picture = uniform(1, 3, 40, 52)
    boxes = [(3, 5, 33), (40, 7, 11), (9, 0, 40), (30, 20, 16)]
    out = {"crops.picture": picture, "crops.boxes": torch.tensor(boxes).double()}
    cut = [picture[:, :, y : y + s, x : x + s] for x, y, s in boxes]
    out["crops.notebook"] = torch.cat([notebook_resample(c, 16) for c in cut])
    out["crops.average"] = torch.cat([F.adaptive_avg_pool2d(c, 16) for c in cut])
    places = [(3.25, 5.5, 33.125), (40.5, 7.75, 11.25), (12.0, 0.0, 40.0), (30.0, 20.0, 16.0)]
    planes = [Image.fromarray(p.numpy().astype(numpy.float32)) for p in picture[0]]

    def resized(box):
        left, top, size = box
        return numpy.stack([
            numpy.asarray(p.resize((16, 16), Image.BICUBIC, (left, top, left + size, top + size)))
            for p in planes])
    out["crops.places"] = torch.tensor(places).double()
    out["crops.bicubic"] = torch.from_numpy(numpy.stack([resized(p) for p in places])).double()
    return out


def augmentations():
    x = uniform(COUNT, 3, SIDE, SIDE)
    x[0, :, :4, :4] = 0.5  # Grey has no hue.
    out = {"augmentations.x": x}

    def add(name, augmentation, stored, **parameters):
        out[f"{name}.y"] = augmented(augmentation, x, **parameters)
        for key, value in stored.items():
            out[f"{name}.{key}"] = value

    out["flip.y"] = augmented(K.RandomHorizontalFlip(p=1.0), x)
    noise = uniform(COUNT, 3, SIDE, SIDE, low=-2, high=2)
    add("noise", K.RandomGaussianNoise(std=0.3, p=1.0), {"noise": noise}, noise=noise)
    factor = torch.tensor([0.0, 0.3, 2.5]).double()
    add("sharpness", K.RandomSharpness(p=1.0), {"factor": factor}, sharpness_factor=factor)

    degrees = uniform(COUNT, low=-30, high=30)
    add("rotation", K.RandomRotation(30.0, p=1.0), {"degrees": degrees}, degrees=degrees)

    shifts, shear = uniform(COUNT, 2, low=-3, high=3), uniform(COUNT, low=-8, high=8)
    for padding in ("zeros", "border"):
        add(f"affine.{padding}", K.RandomAffine(30.0, p=1.0, padding_mode=padding),
            {"degrees": degrees, "shifts": shifts, "shear": shear},
            angle=degrees, translations=shifts, sx=shear, sy=torch.zeros(COUNT).double(),
            scale=torch.ones(COUNT, 2).double(),
            center=torch.full((COUNT, 2), SIDE / 2 - 0.5).double())

    moves = uniform(COUNT, 4, 2, high=0.35 * SIDE)
    last = SIDE - 1.0
    corners = torch.tensor([[0, 0], [last, 0], [last, last], [0, last]]).double()
    inwards = torch.tensor([[1, 1], [-1, 1], [-1, -1], [1, -1]]).double()
    start = corners.expand(COUNT, 4, 2)
    add("perspective", K.RandomPerspective(p=1.0), {"moves": moves},
        start_points=start, end_points=start + moves * inwards)

    size = whole(uniform(COUNT, 2, low=8, high=SIDE))
    place = whole(uniform(COUNT, 2) * (SIDE - size + 1))
    box = torch.stack([place[:, :1], place[:, 1:], size[:, :1], size[:, 1:]], 1)[..., 0]
    ends = place + size - 1
    corners = torch.stack([
        place, torch.stack([ends[:, 0], place[:, 1]], 1), ends,
        torch.stack([place[:, 0], ends[:, 1]], 1)], 1)
    add("resized-crop", K.RandomResizedCrop((SIDE, SIDE), cropping_mode="resample"),
        {"box": box}, src=corners, dst=start)
    add("erasing", K.RandomErasing(p=1.0), {"box": box}, xs=place[:, 0], ys=place[:, 1],
        widths=size[:, 0], heights=size[:, 1], values=torch.zeros(COUNT).double())

    padding = 3
    place = whole(uniform(COUNT, 2, high=2 * padding + 1))
    ends = place + SIDE - 1
    corners = torch.stack([
        place, torch.stack([ends[:, 0], place[:, 1]], 1), ends,
        torch.stack([place[:, 0], ends[:, 1]], 1)], 1)
    add("crop", K.RandomCrop((SIDE, SIDE), padding=padding, padding_mode="reflect", p=1.0),
        {"shift": place - padding}, src=corners, dst=start)

    factors = [uniform(COUNT, low=low, high=high)
               for low, high in ((0.7, 1.3), (0.7, 1.3), (0.5, 1.5), (-0.4, 0.4))]
    add("jitter", K.ColorJitter(p=1.0), {"factors": torch.stack(factors, 1)},
        brightness_factor=factors[0], contrast_factor=factors[1], saturation_factor=factors[2],
        hue_factor=factors[3], order=torch.arange(4))

    noise = uniform(COUNT, 2, SIDE, SIDE, low=-1, high=1)
    add("elastic", K.RandomElasticTransform(alpha=(4.0, 4.0), p=1.0), {"noise": noise}, noise=noise)

    moves = uniform(COUNT, 5, 2, low=-0.4, high=0.4)
    for name, corner in (("spline", (1.0, 1.0)), ("spline.original", (1.0, -1.0))):
        points = torch.tensor([(-1, -1), (-1, 1), (1, -1), corner, (0, 0)]).double()
        points = points.expand(COUNT, 5, 2)
        add(name, K.RandomThinPlateSpline(p=1.0), {"moves": moves}, src=points, dst=points + moves)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent / "originals")
    arguments = parser.parse_args()
    tensors = crops() | augmentations()
    save_file({name: t.float().contiguous() for name, t in tensors.items()},
              arguments.out / "cutouts.safetensors")


if __name__ == "__main__":
    main()
