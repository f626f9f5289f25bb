"""Writes training/transformer.safetensors: taming-transformers' GPT on small sizes.

    python make_transformer.py [--out training]

The environment is that of make_originals.py. Weights and tokens are drawn by `wave` (make_training.py),
which the tests repeat. Arithmetic is done in double precision; `losses.single` are PyTorch's own in
single precision. Training is Net2NetTransformer's: cross entropy of the codes behind the condition,
AdamW with decay for the layers' matrices alone.
"""

import argparse
import pathlib
import sys
import types

import numpy as np
import torch
import torch.nn.functional as F
from make_training import fill, keep, scale, wave
from safetensors.numpy import save_file

# mingpt.py imports a function that newer versions have not; it is for a class that is not used here.
sys.modules["transformers"] = types.SimpleNamespace(top_k_top_p_filtering=None)
from taming.modules.transformer.mingpt import GPT  # noqa: E402

TOKENS, CONDITION, CODES, WIDTH, LAYERS = 40, 5, 12, 64, 3
LENGTH = CONDITION + CODES - 1
BATCH = 4


def model(dtype, heads, unmasked):
    gpt = GPT(TOKENS, LENGTH, n_layer=LAYERS, n_head=heads, n_embd=WIDTH, n_unmasked=unmasked)
    fill(gpt, scale)
    for block in gpt.blocks:  # a buffer, which `fill` has filled, too
        mask = torch.tril(torch.ones(LENGTH, LENGTH))
        mask[:unmasked, :unmasked] = 1
        block.attn.mask = mask.view(1, 1, LENGTH, LENGTH)
    return gpt.to(dtype)


def tokens(step):
    values = wave(f"codes {step}", BATCH * (CONDITION + CODES), TOKENS / 2) + TOKENS / 2
    return torch.from_numpy(np.floor(values).clip(0, TOKENS - 1)).long().reshape(BATCH, -1)


def train(steps, dtype):
    gpt = model(dtype, heads=1, unmasked=0)
    matrices = [p for n, p in gpt.named_parameters()
                if p.dim() == 2 and n.endswith("weight") and not n.startswith("tok_emb")]
    others = [p for p in gpt.parameters() if all(p is not m for m in matrices)]
    optimizer = torch.optim.AdamW(
        [dict(params=matrices, weight_decay=0.01), dict(params=others, weight_decay=0)], lr=1e-3,
        betas=(0.9, 0.95))
    rows, tensors = [], {}
    for step in range(steps):
        sequence = tokens(step)
        logits = gpt(sequence[:, :-1])[0][:, CONDITION - 1:]
        loss = F.cross_entropy(logits.reshape(-1, TOKENS), sequence[:, CONDITION:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            for name, parameter in gpt.named_parameters():
                keep(tensors, f"transformer/{name}", parameter.grad)
        rows.append([loss.item()])
        optimizer.step()
    return np.array(rows, np.float32), tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="training")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    losses, tensors = train(100, torch.float64)
    tensors["losses"], tensors["losses.single"] = losses, train(100, torch.float32)[0]
    for unmasked in (0, 3, CONDITION):
        with torch.no_grad():
            logits = model(torch.float64, heads=2, unmasked=unmasked).eval()(tokens(0)[:, :-1])[0]
        tensors[f"logits/{unmasked}"] = logits.float().numpy()
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()},
              out / "transformer.safetensors")


if __name__ == "__main__":
    main()
