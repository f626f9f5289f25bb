"""Trains the same model on the same pairs by Tessera and by PyTorch, in turns, and says how good each
is after as many minutes.

    python train_world.py TESSERA WORLD RESULT.json --work vqgan|clip [--minutes 30] [--turn 5]

WORLD is what `make world` built. The environment is that of Tests/Fixtures/make_originals.py, with
Pillow. PyTorch's models are the originals', its loop that of train.py, in single precision; sizes, batch,
rates and optimizers are alike. Neither has a perceptual loss. Each turn is a process of its own that goes
on from its last checkpoint, so that whatever else the machine does meets both. Held-out pairs are of
another seed. Codec: PSNR and mean |difference| of 256 pictures, share of the codes that they use; CLIP:
recall@1 among 256.
"""

import argparse
import datetime
import json
import math
import os
import subprocess
import sys
import tarfile
import time
from io import BytesIO
from pathlib import Path

from measuring import processor

HELD_OUT_SEED = 4_000_000
SIZE = 64
BATCH = {"vqgan": 16, "clip": 256}
# Steps of the schedule, more than any machine does in the time: rates stay near their peak.
STEPS = 1_000_000
RATE = {"vqgan": 3e-4, "clip": 1e-3}
WARMUP = {"vqgan": 200, "clip": 500}


def stream(world, seed, start):
    return [
        f"{world}/packages/venv/bin/python",
        str(Path(__file__).resolve().parents[2] / "weights/world/stream.py"), f"{world}/out",
        "--size", str(SIZE), "--seed", str(seed), "--start", str(start)]


def tessera_turn(o, run, minutes):
    pipe = "pipe:" + " ".join(stream(o.world, "{seed}", "{start}"))
    held = "pipe:" + " ".join(stream(o.world, HELD_OUT_SEED, "{start}"))
    if (run / "run.json").exists():
        command = [o.tessera, "train", "resume", run]
    else:
        command = [
            o.tessera, "train", o.work, pipe, "-o", run, "--held-out", held, "--size", SIZE,
            "--batch", BATCH[o.work], "--steps", STEPS, "--rate", RATE[o.work]]
        if o.work == "vqgan":
            command += ["--perceptual", 0, "--adversarial-start", 0]
    command += ["--minutes", minutes, "--save-every", 1000, "--device", o.device, "--quiet"]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if line.get("held out")][-1]


class Pairs:
    """Pairs of the stream from a number on."""

    def __init__(self, world, seed, start):
        self.process = subprocess.Popen(stream(world, seed, start), stdout=subprocess.PIPE)
        self.tar = tarfile.open(fileobj=self.process.stdout, mode="r|")

    def batch(self, count):
        import numpy as np
        import torch
        from PIL import Image

        pictures, captions = [], []
        for member in self.tar:
            data = self.tar.extractfile(member).read()
            if member.name.endswith(".png"):
                pictures.append(np.asarray(Image.open(BytesIO(data)).convert("RGB")))
            else:
                captions.append(data.decode())
            self.tar.members = []
            if len(captions) == count:
                break
        return torch.from_numpy(np.stack(pictures)), captions

    def stop(self):
        self.process.kill()


def rate(work, done):
    if done < WARMUP[work]:
        return RATE[work] * (done + 1) / WARMUP[work]
    share = 0.1 if work == "vqgan" else 0
    swing = 0.5 * (1 + math.cos(math.pi * (done - WARMUP[work]) / (STEPS - WARMUP[work])))
    return RATE[work] * (share + (1 - share) * swing)


class Codec:
    """Tessera's `small` preset in taming-transformers' modules."""

    def __init__(self):
        import torch
        from taming.modules.diffusionmodules import model as taming

        self.torch = torch
        taming.Normalize = lambda channels: torch.nn.GroupNorm(8, channels, eps=1e-6)
        config = dict(
            ch=32, out_ch=3, ch_mult=(1, 2, 2, 4), num_res_blocks=1, attn_resolutions=[],
            in_channels=3, resolution=SIZE, z_channels=128, double_z=False, dropout=0.0)
        self.model = torch.nn.ModuleDict(dict(
            encoder=taming.Encoder(**config), decoder=taming.Decoder(**config),
            before=torch.nn.Conv2d(128, 64, 1), after=torch.nn.Conv2d(64, 128, 1),
            book=torch.nn.Embedding(1024, 64)))
        torch.nn.init.uniform_(self.model["book"].weight, -1 / 1024, 1 / 1024)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-4, betas=(0.5, 0.9))

    def run(self, pictures):
        m, x = self.model, pictures.float().permute(0, 3, 1, 2) / 127.5 - 1
        z = m["before"](m["encoder"](x)).permute(0, 2, 3, 1)
        flat, book = z.reshape(-1, 64), m["book"].weight
        codes = ((flat * flat).sum(1, True) + (book * book).sum(1) - 2 * flat @ book.t()).argmin(1)
        quantized = book[codes].reshape(z.shape)
        latent = 0.25 * ((quantized.detach() - z) ** 2).mean() + ((quantized - z.detach()) ** 2).mean()
        painted = m["decoder"](m["after"]((z + (quantized - z).detach()).permute(0, 3, 1, 2)))
        return x, painted, codes, latent

    def loss(self, pictures, captions):
        x, painted, _, latent = self.run(pictures)
        return (x - painted).abs().mean() + latent

    def measure(self, batches):
        ratios, differences, used = [], [], set()
        with self.torch.no_grad():
            for pictures, _ in batches:
                x, painted, codes, _ = self.run(pictures)
                d = (x - painted.clamp(-1, 1)) / 2
                ratios += (-10 * (d * d).mean((1, 2, 3)).clamp(min=1e-10).log10()).tolist()
                used |= set(codes.tolist())
        return {"PSNR": sum(ratios) / len(ratios), "codes used": len(used) / 1024}


class Words:
    """Tessera's default CLIP in OpenAI's module; the vocabulary is that of Tessera's run."""

    def __init__(self, merges):
        import clip.model
        import torch

        sys.path.insert(0, str(Path(__file__).parent))
        self.torch, self.tokenize = torch, Tokens(merges)
        self.model = clip.model.CLIP(
            embed_dim=256, image_resolution=SIZE, vision_layers=6, vision_width=256,
            vision_patch_size=8, context_length=32, vocab_size=self.tokenize.size,
            transformer_width=256, transformer_heads=4, transformer_layers=4)
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() < 2]
        self.optimizer = torch.optim.AdamW(
            [dict(params=matrices, weight_decay=0.2), dict(params=others, weight_decay=0)],
            lr=1e-4, betas=(0.9, 0.98), eps=1e-6)
        self.mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])
        self.deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])

    def embed(self, pictures, captions):
        F = self.torch.nn.functional
        x = ((pictures.float() / 255 - self.mean) / self.deviation).permute(0, 3, 1, 2)
        tokens = self.torch.tensor([self.tokenize(c) for c in captions])
        return (F.normalize(self.model.encode_image(x), dim=1),
                F.normalize(self.model.encode_text(tokens), dim=1))

    def loss(self, pictures, captions):
        F = self.torch.nn.functional
        images, texts = self.embed(pictures, captions)
        logits = self.model.logit_scale.clamp(max=4.6052).exp() * images @ texts.t()
        labels = self.torch.arange(len(captions))
        return 0.5 * (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))

    def measure(self, batches):
        hits = []
        with self.torch.no_grad():
            for pictures, captions in batches:
                images, texts = self.embed(pictures, captions)
                s = texts @ images.t()
                hits += [(row > row[i]).sum().item() == 0 for i, row in enumerate(s)]
        return {"recall@1": sum(hits) / len(hits)}


class Tokens:
    """OpenAI's tokenizer on a merges file."""

    def __init__(self, merges):
        import gzip
        import tempfile

        from clip.simple_tokenizer import SimpleTokenizer

        with tempfile.NamedTemporaryFile(suffix=".gz") as packed:
            packed.write(gzip.compress(Path(merges).read_bytes()))
            packed.flush()
            self.tokenizer = SimpleTokenizer(packed.name)
        self.size = len(self.tokenizer.encoder)

    def __call__(self, text, length=32):
        e = self.tokenizer.encoder
        tokens = [e["<|startoftext|>"]] + self.tokenizer.encode(text) + [e["<|endoftext|>"]]
        if len(tokens) > length:
            tokens = tokens[:length - 1] + tokens[-1:]
        return tokens + [0] * (length - len(tokens))


def torch_turn(o, run, minutes, merges):
    import torch

    work = Codec() if o.work == "vqgan" else Words(merges)
    checkpoint, done = run / "checkpoint.pt", 0
    run.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        work.model.load_state_dict(saved["model"])
        work.optimizer.load_state_dict(saved["optimizer"])
        done = saved["step"]
    end = time.monotonic() + 60 * minutes
    pairs = Pairs(o.world, 0, done * BATCH[o.work])
    while time.monotonic() < end:
        pictures, captions = pairs.batch(BATCH[o.work])
        for group in work.optimizer.param_groups:
            group["lr"] = rate(o.work, done)
        work.optimizer.zero_grad()
        work.loss(pictures, captions).backward()
        work.optimizer.step()
        done += 1
    pairs.stop()
    torch.save(
        dict(model=work.model.state_dict(), optimizer=work.optimizer.state_dict(), step=done),
        checkpoint)
    held = Pairs(o.world, HELD_OUT_SEED, 0)
    batches = [held.batch(BATCH[o.work]) for _ in range(4)]
    held.stop()
    work.model.eval()
    return {"step": done} | work.measure(batches)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tessera")
    parser.add_argument("world")
    parser.add_argument("result", type=Path)
    parser.add_argument("--work", choices=BATCH, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--turn", type=float, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--runs", type=Path, default=Path("out/train-world"))
    parser.add_argument("--torch-turn", action="store_true", help=argparse.SUPPRESS)
    o = parser.parse_args()
    ours, theirs = o.runs / f"{o.work}-tessera", o.runs / f"{o.work}-torch"
    if o.torch_turn:
        print(json.dumps(torch_turn(o, theirs, o.turn, ours / "merges.txt")))
        return
    os.environ["OMP_WAIT_POLICY"] = "passive"
    record = {"Tessera": [], "PyTorch": []}
    for number in range(round(o.minutes / o.turn)):
        record["Tessera"].append(tessera_turn(o, ours, o.turn))
        turn = subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--torch-turn"], check=True,
            stdout=subprocess.PIPE, text=True)
        record["PyTorch"].append(json.loads(turn.stdout.splitlines()[-1]))
        for name, turns in record.items():
            print(f"{(number + 1) * o.turn:g} minutes: {name}: {turns[-1]}", flush=True)
    o.result.write_text(json.dumps({
        "what": f"{o.minutes:g} minutes of training a {o.work} each, in turns of {o.turn:g}",
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": processor(), "cores": len(os.sched_getaffinity(0)), "turns": record,
    }, indent=2) + "\n")


if __name__ == "__main__":
    main()
