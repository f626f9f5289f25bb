"""Writes pictures/: pictures of awkward sizes, and what OpenAI's CLIP makes of them.

    python make_pictures.py      # the environment is make_originals.py's

pictures/expected.safetensors holds, for each picture, `NAME.prepared`: what the original's
preprocessing gives, [S,S,3] in 0...255, before mean and deviation; and `NAME.embedding` [D] of the
starter's weights in single precision.
"""

from pathlib import Path

import clip.model
import numpy as np
import torch
from clip.clip import _transform
from PIL import Image
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
FOLDER = HERE / "pictures"
WEIGHTS = HERE.parent.parent / "weights" / "starter" / "clip.safetensors"
SIZES = {"wide": (97, 61), "tall": (40, 133), "square": (64, 64), "large": (301, 223),
         "tiny": (7, 5), "strip": (400, 9)}


def picture(width, height, seed):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    waves = [np.sin(9 * (a * x + b * y) + c) for a, b, c in random.uniform(-2, 2, (3, 3))]
    samples = 0.5 + 0.35 * np.stack(waves, axis=2)
    # Sharp edges make the filter ring.
    samples[height // 3 : height // 2, width // 4 : width // 2] = random.uniform(0, 1, 3).round()
    samples += random.normal(0, 0.04, samples.shape)
    return Image.fromarray((samples.clip(0, 1) * 255).round().astype(np.uint8))


def main():
    FOLDER.mkdir(exist_ok=True)
    model = clip.model.build_model(load_file(WEIGHTS)).float()
    model.eval()
    transform = _transform(model.visual.input_resolution)
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in (
        (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)))
    out = {}
    for seed, (name, (width, height)) in enumerate(SIZES.items()):
        picture(width, height, seed).save(FOLDER / f"{name}.png")
        prepared = transform(Image.open(FOLDER / f"{name}.png"))
        levels = ((prepared * deviation + mean) * 255).round()
        with torch.no_grad():
            embedding = model.visual(prepared[None])[0]
        out[f"{name}.prepared"] = levels.permute(1, 2, 0).contiguous().to(torch.uint8)
        out[f"{name}.embedding"] = embedding.float()
    save_file(out, FOLDER / "expected.safetensors")


if __name__ == "__main__":
    main()
