"""Writes originals/optimizers.safetensors: 100 steps of each optimizer in PyTorch.

    python make_optimizers.py [--out originals]

Needs `torch`, `torch_optimizer` and `safetensors`. Parameters are [2,3,4], the gradient of step t is
A·(x − b) + noise, given the parameter before it; all is computed in double precision. For each optimizer
`NAME.x` holds the parameter after each step; `start`, `scale` (A), `target` (b) and `noise` are shared.
AdamP meets right angles, as its gradients are made at right angles to the parameter in every third step.
"""

import argparse
import pathlib

import torch
import torch_optimizer
from safetensors.torch import save_file

STEPS, SHAPE, RATE = 100, (2, 3, 4), 0.05
OPTIMIZERS = {
    "adagrad": torch.optim.Adagrad, "adamax": torch.optim.Adamax, "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop, "adamp": torch_optimizer.AdamP,
    "diffgrad": lambda p, lr: torch_optimizer.DiffGrad(p, lr=lr, eps=1e-9),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="originals")
    out = parser.parse_args().out
    torch.manual_seed(3)
    start, scale = torch.randn(SHAPE).double(), torch.rand(SHAPE).double() * 2
    target, noise = torch.randn(SHAPE).double(), torch.randn(STEPS, *SHAPE).double() * 0.3
    tensors = {"start": start, "scale": scale, "target": target, "noise": noise}
    for name, make in OPTIMIZERS.items():
        x = start.clone().requires_grad_()
        optimizer = make([x], lr=RATE)
        steps = []
        for t in range(STEPS):
            g = scale * (x.detach() - target) + noise[t]
            if t % 3 == 2:
                rows = x.detach().reshape(SHAPE[0], -1)
                flat = g.reshape(SHAPE[0], -1)
                along = (flat * rows).sum(1, True) / (rows * rows).sum(1, True)
                g = (flat - along * rows).reshape(SHAPE)
            x.grad = g.clone()
            optimizer.step()
            steps.append(x.detach().clone())
        tensors[f"{name}.x"] = torch.stack(steps)
    save_file({k: v.float().contiguous() for k, v in tensors.items()}, out / "optimizers.safetensors")


if __name__ == "__main__":
    main()
