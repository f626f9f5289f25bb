"""Writes checkpoints of every public kind, with random weights, and what their originals compute.

    python make_checkpoints.py               # tiny ones: checkpoints/, fixtures of ModelsTests
    python make_checkpoints.py --full DIR    # as large as the public ones: `make public-check`

A folder a case: the checkpoint as its project publishes it, the configuration it keeps beside it,
and expected.safetensors, whose metadata say what is in it. The originals' own classes make, save
and load the models, so names, layouts and rounding are theirs; what they compute is computed in
double precision from the weights of the saved file. Full-size cases also hold how far the same in
PyTorch's fp32 is from that, relative to the largest value: `fp32.` before the tensor's name.

The environment is that of make_originals.py with transformers and open_clip_torch.
"""

import argparse
import json
import pathlib
import sys
import types
from unittest import mock

import clip.model
import open_clip
import torch
import transformers
import yaml
from safetensors.torch import load_file, save_file
from taming.modules.discriminator.model import NLayerDiscriminator
from taming.modules.vqvae.quantize import GumbelQuantize

from make_originals import VQGAN, clip_normalize, loss_fixture, spherical_distance

# Pictures, texts and weights


def photographs(count, height, width):
    """Pictures [N,3,H,W] in 0...1 with the spectrum of photographs: amplitude 1 / frequency."""
    rows, columns = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None]
    amplitude = 1 / (rows.square() + columns.square()).sqrt().clamp(min=1 / height)
    noise = torch.fft.rfft2(torch.randn(count, 3, height, width))
    # Channels go together, as they do in the world.
    noise = 0.8 * noise.mean(1, keepdim=True) * 3**0.5 + 0.6 * noise
    pixels = torch.fft.irfft2(noise * amplitude, s=(height, width))
    return (0.5 + 0.2 * pixels / pixels.std()).clamp(0, 1)


def captions(count, length, vocabulary):
    """Token ids [N,T]: start, words, end (the largest), zeros; the last fills its line."""
    tokens = torch.zeros(count, length, dtype=torch.long)
    for row, words in enumerate(torch.linspace(2, length - 2, count).long()):
        tokens[row, 1:words + 1] = torch.randint(1, vocabulary - 2, (words,))
        tokens[row, 0], tokens[row, words + 1] = vocabulary - 2, vocabulary - 1
    return tokens


def enliven(model):
    """Moves what begins at 0 or 1, biases and the factors of normalisations, to where it counts."""
    for parameter in model.parameters():
        if parameter.ndim == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    return model.requires_grad_(False)


# CLIP


class Perceptor:
    """A kind of CLIP: how its project saves and loads it. Subclasses set what is below."""

    kind = "clip"
    checkpoint: str
    side: int  # of its pictures
    length: int  # of its texts, in tokens
    vocabulary: int

    def expect(self, model, dtype):
        """Embeddings of pictures and texts, and a distance's gradient to the pictures."""
        images = clip_normalize(photographs(2, self.side, self.side)).to(dtype).requires_grad_()
        tokens = captions(3, self.length, self.vocabulary)
        with norms_in_double():
            embeddings, texts = model.encode_image(images), model.encode_text(tokens)
        distance = spherical_distance(embeddings, texts[:1]).mean()
        return {"images": images, "image_embeddings": embeddings, "tokens": tokens,
                "text_embeddings": texts, "distance": distance.reshape(1),
                "images.grad": torch.autograd.grad(distance, images)[0]}


def norms_in_double():
    """The original computes layer norms in fp32 whatever the input; within, as the input is."""
    return mock.patch.object(clip.model.LayerNorm, "forward", torch.nn.LayerNorm.forward)


class OpenAI(Perceptor):
    """OpenAI's, half in fp16 as published: a TorchScript archive or a state_dict."""

    def __init__(self, checkpoint, sizes, scripted):
        self.checkpoint, self.sizes, self.scripted = checkpoint, sizes, scripted
        self.side, self.length = sizes["image_resolution"], sizes["context_length"]
        self.vocabulary = sizes["vocab_size"]

    def save(self, folder):
        model = enliven(clip.model.CLIP(**self.sizes))
        fit_batch_norms(model, clip_normalize(photographs(2, self.side, self.side)))
        clip.model.convert_weights(model.eval())
        # The published models keep these beside their weights.
        for entry, value in (("input_resolution", self.side), ("context_length", self.length),
                             ("vocab_size", self.vocabulary)):
            model.__dict__.pop(entry, None)
            model.register_buffer(entry, torch.tensor(value))
        if self.scripted:
            example = (torch.zeros(1, 3, self.side, self.side),
                       torch.zeros(1, self.length, dtype=torch.long))
            torch.jit.trace(model, example, check_trace=False).save(folder / self.checkpoint)
        else:
            torch.save(model.state_dict(), folder / self.checkpoint)

    def load(self, folder):
        path = folder / self.checkpoint
        state = (torch.jit.load(path).state_dict() if self.scripted
                 else torch.load(path, weights_only=True))
        return clip.model.build_model(dict(state))


def fit_batch_norms(model, pictures):
    """Gives batch normalisations the statistics of `pictures`; branches stay small beside what they
    are added to, as the original begins with them at zero."""
    norms = {name: module for name, module in model.named_modules()
             if isinstance(module, torch.nn.BatchNorm2d)}
    for name, norm in norms.items():
        norm.momentum = 1.0
        norm.weight.data.normal_(0.2 if name.endswith("bn3") else 1.0, 0.05)
    if norms:
        model.train().encode_image(pictures)


class OpenCLIP(Perceptor):
    """OpenCLIP's as its hub keeps it: safetensors and open_clip_config.json."""

    checkpoint = "open_clip_model.safetensors"

    def __init__(self, configuration):
        self.configuration = configuration
        self.side = configuration["vision_cfg"]["image_size"]
        self.length = configuration["text_cfg"]["context_length"]
        self.vocabulary = configuration["text_cfg"]["vocab_size"]

    def model(self):
        arguments = dict(self.configuration)
        own_text_tower = arguments.pop("custom_text", False)
        kind = open_clip.model.CustomTextCLIP if own_text_tower else open_clip.model.CLIP
        return kind(**arguments)

    def save(self, folder):
        state = enliven(self.model()).half().state_dict()
        save_file({key: value.contiguous() for key, value in state.items()},
                  folder / self.checkpoint)
        settings = {"model_cfg": self.configuration, "preprocess_cfg": {
            "mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}}
        (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=2) + "\n")

    def load(self, folder):
        model = self.model()
        model.load_state_dict(load_file(folder / self.checkpoint))
        return model


class HuggingFace(Perceptor):
    """CLIPModel of transformers as its hub keeps it: model.safetensors and config.json."""

    checkpoint = "model.safetensors"

    def __init__(self, vision, text, width, dtype):
        self.side, self.length = vision["image_size"], text["max_position_embeddings"]
        self.vocabulary, self.dtype = text["vocab_size"], dtype
        ends = {"bos_token_id": self.vocabulary - 2, "eos_token_id": self.vocabulary - 1}
        self.configuration = transformers.CLIPConfig(
            text_config=text | ends, vision_config=vision, projection_dim=width)

    def save(self, folder):
        model = enliven(transformers.CLIPModel(self.configuration))
        model.to(self.dtype).save_pretrained(folder)

    def load(self, folder):
        return WithMethodsOfOriginal(transformers.CLIPModel.from_pretrained(folder))


class WithMethodsOfOriginal(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def encode_image(self, images):
        return self.model.visual_projection(self.model.vision_model(images).pooler_output)

    def encode_text(self, tokens):
        return self.model.text_projection(self.model.text_model(tokens).pooler_output)


# VQGAN


class NearestVQ(VQGAN):
    def scores(self, features):
        """The larger, the nearer: minus the squared distances [P,K]."""
        z = features.flatten(2).transpose(1, 2)[0]
        return -torch.cdist(z, self.quantize.embedding.weight).square()


class GumbelVQ(VQGAN):
    """taming's GumbelVQ without its training half."""

    def __init__(self, params):
        super().__init__(params)
        self.quantize = GumbelQuantize(
            params["ddconfig"]["z_channels"], params["embed_dim"], n_embed=params["n_embed"])

    def scores(self, features):
        return self.quantize.proj(features).flatten(2).transpose(1, 2)[0]

    def codes_to_latent(self, codes):
        return self.quantize.embed(codes).permute(0, 3, 1, 2).contiguous()


class Generator:
    """A VQGAN's .ckpt and .yaml; with `transformer_width`, inside those of a Net2NetTransformer."""

    kind = "vqgan"

    def __init__(self, checkpoint, target, params, transformer_width=None):
        self.checkpoint, self.target, self.params = checkpoint, target, params
        self.transformer_width = transformer_width
        self.side = params["ddconfig"]["resolution"]
        self.prefix = "first_stage_model." if transformer_width else ""

    def model(self):
        return {"VQModel": NearestVQ, "GumbelVQ": GumbelVQ}[self.target](self.params)

    def save(self, folder):
        model = enliven(self.model()).eval()
        if self.target == "VQModel":
            # Codes where the features are, as training leads them there.
            z = model.encode(2 * photographs(1, self.side, self.side) - 1)
            codebook = model.quantize.embedding.weight
            codebook.data = torch.randn_like(codebook) * z.std((0, 2, 3)) + z.mean((0, 2, 3))
        discriminator = NLayerDiscriminator(ndf=self.params["ddconfig"]["ch"] // 2, n_layers=1)
        state = model.state_dict() | {f"loss.discriminator.{key}": value
                                      for key, value in discriminator.state_dict().items()}
        state = {self.prefix + key: value for key, value in state.items()}
        if self.transformer_width:
            # taming's GPT needs a transformers of 2021; two of its tensors stand for the rest.
            shape = self.params["n_embed"], self.transformer_width
            state |= {"transformer.tok_emb.weight": torch.randn(shape),
                      "transformer.head.weight": torch.randn(shape)}
        path = folder / self.checkpoint
        torch.save(lightning(state, model), path)
        text = {"model": {"base_learning_rate": 4.5e-6, **self.configuration()}}
        path.with_suffix(".yaml").write_text(yaml.safe_dump(text))

    def configuration(self):
        loss = {"target": "taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator",
                "params": {"disc_conditional": False, "disc_in_channels": 3, "disc_start": 250001}}
        params = self.params | {"lossconfig": loss, "monitor": "val/rec_loss"}
        if self.target == "GumbelVQ":
            params |= {"kl_weight": 1e-8, "temperature_scheduler_config": {
                "target": "taming.lr_scheduler.LambdaWarmUpCosineScheduler",
                "params": {"warm_up_steps": 0, "max_decay_steps": 1000001, "lr_start": 0.9}}}
        own = {"target": f"taming.models.vqgan.{self.target}", "params": params}
        if not self.transformer_width:
            return own
        return {"target": "taming.models.cond_transformer.Net2NetTransformer",
                "params": {"cond_stage_key": "depth", "first_stage_config": own}}

    def load(self, folder):
        state = torch.load(folder / self.checkpoint, weights_only=False)["state_dict"]
        state = {key.removeprefix(self.prefix): value for key, value in state.items()
                 if key.startswith(self.prefix)}
        model = self.model()
        model.load_state_dict({key: value for key, value in state.items()
                               if not key.startswith("loss.")})
        return model

    def expect(self, model, dtype):
        """Features and codes of a picture, the picture of the codes, a gradient to the latent."""
        picture = 2 * photographs(1, self.side, self.side).to(dtype) - 1
        features = model.encode(picture)
        scores = model.scores(features)
        best = scores.topk(2).values
        # How much better the chosen code is than the second, as a share of the scores' size.
        margin = (best[:, 0] - best[:, 1]) / best.abs().max(dim=1).values
        codes = scores.argmax(1).reshape(1, *features.shape[2:])
        latent = model.codes_to_latent(codes).requires_grad_()
        decoded = model.decode(latent)
        weights = torch.randn(decoded.shape).to(dtype) / decoded.numel()**0.5
        return {"picture": picture, "features": features, "codes": codes, "margin": margin,
                "latent": latent, "decoded": decoded, "weights": weights,
                "latent.grad": torch.autograd.grad((decoded * weights).sum(), latent)[0]}


# Codebook transformer


class Painter:
    """The transformer of a Net2NetTransformer behind coordinates, as FacesHQ's; its VQGAN is left out."""

    kind = "transformer"

    def __init__(self, checkpoint, sizes, params):
        self.checkpoint, self.sizes, self.params = checkpoint, sizes, params

    def model(self):
        # mingpt.py imports a function that newer versions have not, for a class that is not used.
        stub = types.SimpleNamespace(top_k_top_p_filtering=None)
        with mock.patch.dict(sys.modules, {"transformers": stub}):
            from taming.modules.transformer.mingpt import GPT
        return GPT(**self.sizes)

    def save(self, folder):
        model = enliven(self.model())
        model.pos_emb.data = 0.02 * torch.randn_like(model.pos_emb)
        state = {"transformer." + key: value for key, value in model.state_dict().items()}
        path = folder / self.checkpoint
        torch.save(lightning(state, model), path)
        vqgan = {"target": "taming.models.vqgan.VQModel", "params": self.params}
        text = {"model": {
            "target": "taming.models.cond_transformer.Net2NetTransformer",
            "params": {
                "cond_stage_key": "coord", "first_stage_config": vqgan,
                "cond_stage_config": {"target": "taming.modules.misc.coord.CoordStage",
                                      "params": {"n_embed": 1024, "down_factor": 16}},
                "transformer_config": {"target": "taming.modules.transformer.mingpt.GPT",
                                       "params": self.sizes}}}}
        path.with_suffix(".yaml").write_text(yaml.safe_dump(text))

    def load(self, folder):
        state = torch.load(folder / self.checkpoint, weights_only=False)["state_dict"]
        model = self.model()
        model.load_state_dict({key.removeprefix("transformer."): value
                               for key, value in state.items()})
        return model

    def expect(self, model, dtype):
        tokens = torch.randint(0, self.sizes["vocab_size"], (1, self.sizes["block_size"] - 1))
        return {"tokens": tokens, "logits": model(tokens)[0]}


def lightning(state, model):
    """A checkpoint as taming's training leaves it: discriminator, optimizer and callbacks too."""
    callbacks = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    for name in ("pytorch_lightning", "pytorch_lightning.callbacks", callbacks.__name__):
        sys.modules[name] = types.ModuleType(name)
    sys.modules[callbacks.__name__] = callbacks
    callbacks.ModelCheckpoint = type(
        "ModelCheckpoint", (), {"__module__": callbacks.__name__})
    moments = {
        index: {"step": 7, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.ones_like(p)}
        for index, p in enumerate(model.parameters())}
    optimizer = {"state": moments, "param_groups": [{"lr": 4.5e-6, "betas": (0.5, 0.9),
                                                     "params": list(moments)}]}
    saved = {"monitor": "val/rec_loss", "best_model_score": torch.tensor(0.5)}
    return {"epoch": 12, "global_step": 345678, "pytorch-lightning_version": "1.0.8",
            "callbacks": {callbacks.ModelCheckpoint: saved}, "optimizer_states": [optimizer],
            "lr_schedulers": [], "state_dict": state}


class Guidance:
    """The whole loss of a render and its gradient to the latent, with two of the other cases."""

    kind = "guidance"

    def __init__(self, generator, perceptor):
        self.parts = {"generator": generator, "perceptor": perceptor}
        self.checkpoint = " ".join(
            f"{label}/{part.checkpoint}" for label, part in (generator, perceptor))

    def save(self, folder):
        """The models are those of the other cases."""

    def load(self, folder):
        return torch.nn.ModuleDict({name: part.load(folder.parent / label)
                                    for name, (label, part) in self.parts.items()})

    def expect(self, models, dtype):
        generator, perceptor = self.parts["generator"][1], self.parts["perceptor"][1]
        picture = 2 * photographs(1, generator.side, generator.side).to(dtype) - 1
        with norms_in_double():
            texts = models["perceptor"].encode_text(
                captions(2, perceptor.length, perceptor.vocabulary))
            return loss_fixture(
                models["generator"], models["perceptor"], texts, picture, seed=5, dtype=dtype)


# The cases


def ddconfig(channels, multipliers, blocks, attention, resolution, latent, **more):
    return {"double_z": False, "z_channels": latent, "resolution": resolution, "in_channels": 3,
            "out_ch": 3, "ch": channels, "ch_mult": multipliers, "num_res_blocks": blocks,
            "attn_resolutions": attention, "dropout": 0.0, **more}


def openai_sizes(embedding, side, layers, width, patch, text_width, text_layers=12, context=77,
                 vocabulary=49408):
    return {"embed_dim": embedding, "image_resolution": side, "vision_layers": layers,
            "vision_width": width, "vision_patch_size": patch, "context_length": context,
            "vocab_size": vocabulary, "transformer_width": text_width,
            "transformer_heads": text_width // 64, "transformer_layers": text_layers}


def gpt_sizes(tokens, positions, layers, heads, width, unmasked=0):
    return {"vocab_size": tokens, "block_size": positions, "n_layer": layers, "n_head": heads,
            "n_embd": width, "n_unmasked": unmasked}


def tiny():
    vision = {"image_size": 24, "layers": 2, "width": 48, "head_width": 12, "patch_size": 8,
              "mlp_ratio": 2.5}
    text = {"context_length": 12, "vocab_size": 40, "width": 32, "heads": 4, "layers": 1}
    configuration = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    tower = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
             "num_attention_heads": 4, "hidden_act": "gelu"}
    params = {"embed_dim": 8, "n_embed": 40,
              "ddconfig": ddconfig(4, [1, 2], 1, [8], 16, 8, norm_groups=2)}
    return {
        "openai-rn": OpenAI(
            "RN50.pt", openai_sizes(24, 64, (1, 2, 1, 1), 4, None, 64, 1, 12, 40), scripted=True),
        "openclip": OpenCLIP(configuration),
        "openclip-text-tower": OpenCLIP(configuration | {"quick_gelu": True, "custom_text": True}),
        "huggingface": HuggingFace(
            tower | {"image_size": 24, "patch_size": 8},
            tower | {"vocab_size": 40, "max_position_embeddings": 12}, 24, torch.float16),
        "gumbel": Generator("gumbel.ckpt", "GumbelVQ", params),
        "net2net": Generator("net2net.ckpt", "VQModel", params | {"embed_dim": 6}, 8),
        "transformer": Painter(
            "transformer.ckpt", gpt_sizes(40, 128, layers=2, heads=2, width=16, unmasked=3), params),
    }


def full():
    f16 = {"embed_dim": 256, "n_embed": 16384,
           "ddconfig": ddconfig(128, [1, 1, 2, 2, 4], 2, [16], 256, 256)}
    gumbel = {"embed_dim": 256, "n_embed": 8192,
              "ddconfig": ddconfig(128, [1, 1, 2, 4], 2, [32], 256, 256)}
    vision = {"image_size": 224, "patch_size": 32}
    text = {"vocab_size": 49408, "max_position_embeddings": 77}
    cases = {
        "openai-vit-b-32": OpenAI(
            "ViT-B-32.pt", openai_sizes(512, 224, 12, 768, 32, 512), scripted=True),
        "openai-vit-l-14": OpenAI(
            "ViT-L-14.pt", openai_sizes(768, 224, 24, 1024, 14, 768), scripted=False),
        "openai-rn50": OpenAI(
            "RN50.pt", openai_sizes(1024, 224, (3, 4, 6, 3), 64, None, 512), scripted=True),
        "openclip-vit-b-32": OpenCLIP(open_clip.get_model_config("ViT-B-32")),
        "huggingface-vit-b-32": HuggingFace(vision, text, 512, torch.float32),
        "vqgan-f16-16384": Generator("vqgan_imagenet_f16_16384.ckpt", "VQModel", f16),
        "net2net-f16-1024": Generator("net2net.ckpt", "VQModel", f16 | {"n_embed": 1024}, 1024),
        "gumbel-f8-8192": Generator("gumbel_f8_8192.ckpt", "GumbelVQ", gumbel),
        "transformer-24-1024": Painter(
            "faceshq.ckpt", gpt_sizes(1024, 512, layers=24, heads=16, width=1024),
            f16 | {"n_embed": 1024}),
    }
    parts = [(label, cases[label]) for label in ("vqgan-f16-16384", "openai-vit-b-32")]
    return cases | {"guidance": Guidance(*parts)}


def expected(case, folder, dtype):
    """What the case's original computes from its saved weights, by tensor."""
    torch.manual_seed(2)
    model = case.load(folder).to(dtype).eval().requires_grad_(False)
    return {name: tensor.detach() for name, tensor in case.expect(model, dtype).items()}


def largest_error(computed, reference):
    return (computed - reference).abs().max() / reference.abs().max()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR",
                        help="write full-size checkpoints to DIR (10 GB); those there are kept")
    parser.add_argument("--only", default="", metavar="NAME", help="cases whose name begins so")
    arguments = parser.parse_args()
    root = arguments.full or pathlib.Path(__file__).parent / "checkpoints"
    for label, case in (full() if arguments.full else tiny()).items():
        if not label.startswith(arguments.only):
            continue
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(1)
        if not (arguments.full and (folder / case.checkpoint).exists()):
            case.save(folder)
        tensors = expected(case, folder, torch.float64)
        if arguments.full:
            tensors |= {f"fp32.{name}": largest_error(tensor, tensors[name]).reshape(1)
                        for name, tensor in expected(case, folder, torch.float32).items()
                        if tensor.is_floating_point()}
        tensors = {name: tensor.float().contiguous() for name, tensor in tensors.items()}
        save_file(tensors, folder / "expected.safetensors",
                  {"kind": case.kind, "checkpoint": case.checkpoint})
        sizes = {name: f"{tensor.square().mean().sqrt():.2g}" for name, tensor in tensors.items()}
        print(f"{label}: root mean squares {sizes}", flush=True)


if __name__ == "__main__":
    main()
