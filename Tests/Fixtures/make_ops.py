"""Writes originals/ops.safetensors: single operations and their gradients as PyTorch defines them.

    python make_ops.py [--out originals]

Needs only `torch` and `safetensors`. Inputs are fp32 numbers; results are computed in double
precision and stored as fp32. Layouts are PyTorch's (NCHW, weights [K,C,R,S]). For an operation
y = f(x, ...) the file holds its inputs, y, the incoming gradient dy, and dx (dw, db, ...), named
`operation.case.tensor`; inputs shared by all cases drop the case. README.md lists the cases.
"""

import argparse
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

GENERATOR = torch.Generator().manual_seed(20)


def normal(*shape, scale=1.0, offset=0.0):
    """Normal fp32 numbers, held as doubles."""
    return (torch.randn(shape, generator=GENERATOR) * scale + offset).double()


def differentiate(function, inputs, dy=None):
    """y, dy and d<name> for every named input."""
    leaves = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    y = function(*leaves.values())
    dy = normal(*y.shape) if dy is None else dy
    gradients = torch.autograd.grad(y, list(leaves.values()), dy)
    return {"y": y, "dy": dy} | {f"d{name}": g for name, g in zip(inputs, gradients)}


def case(name, function, **inputs):
    tensors = inputs | differentiate(function, inputs)
    return {f"{name}.{key}": tensor for key, tensor in tensors.items()}


def grid_sample():
    """Points up to 2.6 half-widths from the centre, so some reflect more than once."""
    x = normal(2, 3, 5, 7)
    grid = (torch.rand(2, 4, 6, 2, generator=GENERATOR) * 5.2 - 2.6).double()
    dy = normal(2, 3, 4, 6)
    out = {"grid_sample.x": x, "grid_sample.grid": grid, "grid_sample.dy": dy}
    for padding in ("zeros", "border", "reflection"):
        for corners in (False, True):
            def sample(x, grid):
                return F.grid_sample(x, grid, padding_mode=padding, align_corners=corners)
            name = f"grid_sample.{padding}.{'corners' if corners else 'centers'}"
            results = differentiate(sample, {"x": x, "grid": grid}, dy)
            out |= {f"{name}.{key}": results[key] for key in ("y", "dx", "dgrid")}
    for name, corners in (("centers", False), ("corners", True)):
        theta = normal(2, 2, 3)
        out[f"affine_grid.{name}.theta"] = theta
        out[f"affine_grid.{name}.grid"] = F.affine_grid(theta, (2, 3, 4, 5), align_corners=corners)
    return out


def adaptive_pools():
    out = {}
    for kind, pool in (("avg", F.adaptive_avg_pool2d), ("max", F.adaptive_max_pool2d)):
        shrink, grow = ("shrink", (2, 3, 7, 10), (4, 6)), ("grow", (1, 2, 3, 5), (7, 4))
        for name, shape, size in (shrink, grow):
            def pooled(x):
                return pool(x, size)
            out |= case(f"adaptive_{kind}_pool2d.{name}", pooled, x=normal(*shape))
    # Equal maxima in a window: the gradient goes to the first in row order.
    out |= case("adaptive_max_pool2d.ties", lambda x: F.adaptive_max_pool2d(x, (3, 4)),
                x=torch.randint(0, 3, (1, 2, 7, 9), generator=GENERATOR).double())
    return out


def norms():
    return case("group_norm", lambda x, w, b: F.group_norm(x, 4, w, b, eps=1e-6),
                x=normal(2, 8, 3, 5, scale=2, offset=3), w=normal(8), b=normal(8)) \
        | case("layer_norm", lambda x, w, b: F.layer_norm(x, (12,), w, b, eps=1e-5),
               x=normal(3, 5, 12, scale=2, offset=-1), w=normal(12), b=normal(12))


def convolutions():
    def downsample(x, w, b):
        return F.conv2d(F.pad(x, (0, 1, 0, 1)), w, b, stride=2)
    out = {}
    for name, height, width in (("even", 8, 6), ("odd", 7, 9)):
        out |= case(f"conv2d.downsample_{name}", downsample,
                    x=normal(2, 3, height, width), w=normal(4, 3, 3, 3), b=normal(4))
    out |= case("conv2d.same", lambda x, w, b: F.conv2d(x, w, b, padding=1),
                x=normal(2, 3, 5, 7), w=normal(4, 3, 3, 3), b=normal(4))
    out |= case("conv2d.patches", lambda x, w: F.conv2d(x, w, stride=4),
                x=normal(2, 3, 8, 12), w=normal(5, 3, 4, 4))
    return out


def attention():
    """[B,H,T,D]; scores scaled by 1 / sqrt(D)."""
    out = {}
    for name, queries, keys in (("full", 5, 7), ("causal", 6, 6)):
        def attend(q, k, v):
            return F.scaled_dot_product_attention(q, k, v, is_causal=name == "causal")
        out |= case(f"attention.{name}", attend, q=normal(2, 3, queries, 4),
                    k=normal(2, 3, keys, 4), v=normal(2, 3, keys, 4))
    return out


def activations():
    x = torch.linspace(-6, 6, 49).double()
    return case("gelu", F.gelu, x=x) | case("silu", F.silu, x=x) \
        | case("quick_gelu", lambda x: x * torch.sigmoid(1.702 * x), x=x)


def adam():
    """Five steps from `start` by the given gradients, one column zero, one tiny; `x` after each."""
    gradients = normal(5, 12)
    gradients[:, 0], gradients[:, 1] = 0, gradients[:, 1] * 1e-9
    gradients = gradients.float().double()
    start = normal(12)
    x = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1, betas=(0.9, 0.999), eps=1e-8)
    steps = []
    for gradient in gradients:
        x.grad = gradient.clone()
        optimizer.step()
        steps.append(x.detach().clone())
    return {"adam.start": start, "adam.gradients": gradients, "adam.x": torch.stack(steps)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent / "originals")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for group in (grid_sample, adaptive_pools, norms, convolutions, attention, activations, adam):
        tensors |= group()
    path = out / "ops.safetensors"
    save_file({name: t.detach().float().contiguous() for name, t in tensors.items()}, path)
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
