"""Makes the weight files that WeightsTests read: python make_weights.py (needs torch, safetensors,
numpy and omegaconf).

The tests know the values from the formulas here. hostile.pt would run a command if it were
unpickled; Tessera must refuse it by the command's name.
"""

import argparse
import collections
import datetime
import os
import sys
import types
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy
import torch
from omegaconf import OmegaConf
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "weights"
REAL = [[0.0, -1.0, 0.5], [1.25, -96.0, 2.0**-14]]  # exact in every real type
WHOLE = [[0, 1, 2], [3, 100, 127]]


def every_type():
    tensors = {}
    for name in ["float64", "float32", "float16", "bfloat16"]:
        tensors[name] = torch.tensor(REAL, dtype=getattr(torch, name))
    for name in ["int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8"]:
        tensors[name] = torch.tensor(WHOLE, dtype=getattr(torch, name))
    tensors["int64_negative"] = torch.tensor([-1, -(2**40)], dtype=torch.int64)
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["scalar"] = torch.tensor(3.5)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def views():
    """Views of one storage holding 0 ... 23."""
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return OrderedDict(
        base=base,
        transposed=base.t(),
        window=base[1:3, 2:5],
        every_other=base.flatten()[1::2],
        permuted=base.reshape(2, 3, 4).permute(2, 0, 1),
        broadcast=base[:, :1].expand(4, 3),
        column=base[:, 5:],
        scalar=base[3, 5],
        empty=base[4:],
        parameter=torch.nn.Parameter(base[2]),
    )


def lightning():
    """A checkpoint of Lightning's layout, with a class and an object of its packages."""
    package = types.ModuleType("pytorch_lightning.callbacks")
    sys.modules["pytorch_lightning"] = types.ModuleType("pytorch_lightning")
    sys.modules["pytorch_lightning.callbacks"] = package
    checkpoint = type("ModelCheckpoint", (), {"__module__": package.__name__})
    package.ModelCheckpoint = checkpoint
    callback = checkpoint()
    callback.best = torch.tensor(0.5)
    return {
        "epoch": 3,
        "global_step": 2**40,
        "pytorch-lightning_version": "1.0.8",
        "finished": True,
        "learning_rate": 4.5e-06,
        "callbacks": {checkpoint: {"best_model_path": "a/b.ckpt", "score": torch.tensor(1.0)}},
        "callback_object": callback,
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(3)}}, "betas": (0.5, 0.9)}],
        "lr_schedulers": [],
        "seed": 2**100,
        "nothing": None,
        "state_dict": torch.nn.Sequential(
            OrderedDict(
                encoder=numbered(torch.nn.Linear(2, 3)), decoder=numbered(torch.nn.Linear(3, 2))
            )
        ).state_dict(),
    }


def lightning_beside():
    """What Lightning and its users put beside the weights: a configuration of OmegaConf's,
    NumPy's numbers, the optimizer's and the scheduler's states, times, paths and versions."""
    model = numbered(torch.nn.Linear(2, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=4.5e-6)
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0)
    weights = {"weight": torch.arange(6.0).view(3, 2), "bias": torch.arange(3.0)}
    return {
        "state_dict": weights,
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [scheduler.state_dict()],
        "hyper_parameters": {
            "config": OmegaConf.create({"ddconfig": {"ch_mult": [1, 2], "double_z": False}}),
            "arguments": argparse.Namespace(gpus="0,", seed=23),
            "numbers": [numpy.float64(0.5), numpy.int64(3), numpy.arange(4), 1 + 2j, 2**70],
            "times": [datetime.datetime(2021, 3, 1), datetime.timedelta(hours=1)],
            "containers": [collections.defaultdict(list), collections.Counter("abc"),
                           collections.deque([1]), {1, 2}, frozenset([1]), range(3), bytearray(2)],
            "torch": [torch.__version__, torch.device("cpu"), torch.float16, torch.Size([1, 2])],
            "path": Path("/logs"),
            "parameter": torch.nn.Parameter(torch.ones(2)),
        },
    }


def numbered(module):
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)
        parameter.data += torch.arange(parameter.numel(), dtype=torch.float32).view_as(parameter)
    return module


class Scripted(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = torch.nn.Sequential(numbered(torch.nn.Linear(2, 3)), torch.nn.BatchNorm1d(3))
        self.logit_scale = torch.nn.Parameter(torch.tensor(2.5))
        self.sizes = [1, 2, 3]

    def forward(self, x):
        return self.visual(x) * self.logit_scale * self.sizes[0]


class Hostile:
    def __reduce__(self):
        return os.system, ("echo this must never run",)


def repacked(source, target):
    """The same archive with compressed records."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)


def main():
    FOLDER.mkdir(exist_ok=True)
    warnings.simplefilter("ignore")
    save_file(every_type(), FOLDER / "types.safetensors", {"format": "pt", "quote": '"\\\n\u00e9'})
    (FOLDER / "types.safetensors").chmod(0o644)
    torch.save(every_type(), FOLDER / "types.pt")
    torch.save(every_type(), FOLDER / "protocol4.pt", pickle_protocol=4)
    torch.save(views(), FOLDER / "views.pt")
    torch.save(lightning(), FOLDER / "lightning.ckpt")
    torch.save(lightning_beside(), FOLDER / "lightning_beside.ckpt")
    torch.save({"weight": torch.ones(2), "x": Hostile()}, FOLDER / "hostile.pt")
    torch.save(views(), FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(Scripted().half()), FOLDER / "scripted.pt")
    repacked(FOLDER / "views.pt", FOLDER / "repacked.pt")
    torch.serialization.set_crc32_options(False)
    torch.save(views(), FOLDER / "no_checksums.pt")


if __name__ == "__main__":
    main()
