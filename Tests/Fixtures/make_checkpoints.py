"""Writes checkpoints of every public kind, with random weights, and what their originals compute.

    python make_checkpoints.py               # tiny ones: checkpoints/, fixtures of ModelsTests
    python make_checkpoints.py --full DIR    # as large as the public ones: `make public-check`

A folder a case: the checkpoint as its project publishes it, the configuration it keeps beside it,
and expected.safetensors, whose metadata say what is in it. The originals' own classes make, save
and load the models, so names, layouts and rounding are theirs; what they compute is computed in
double precision from the weights of the saved file.

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
import torch.nn.functional as F
import transformers
import yaml
from safetensors.torch import load_file, save_file
from taming.modules.discriminator.model import NLayerDiscriminator
from taming.modules.vqvae.quantize import GumbelQuantize

from make_originals import VQGAN, clip_normalize, loss_fixture, spherical_distance

DOUBLE = torch.float64


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
    """Moves biases and the factors of normalisations, which begin at 0 and 1, to where they count."""
    for parameter in model.parameters():
        if parameter.ndim == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    return model.requires_grad_(False)


# CLIP


def clip_expectations(model, side, length, vocabulary):
    """Embeddings of pictures and texts, and a distance's gradient to the pictures."""
    images = clip_normalize(photographs(2, side, side)).to(DOUBLE).requires_grad_()
    tokens = captions(3, length, vocabulary)
    embeddings, texts = model.encode_image(images), model.encode_text(tokens)
    distance = spherical_distance(embeddings, texts[:1]).mean()
    return {"images": images, "image_embeddings": embeddings, "tokens": tokens,
            "text_embeddings": texts, "distance": distance.reshape(1),
            "images.grad": torch.autograd.grad(distance, images)[0]}


def in_double(model):
    """The original computes layer norms in fp32 whatever the input; here they stay in double."""
    return mock.patch.object(clip.model.LayerNorm, "forward", torch.nn.LayerNorm.forward), \
        model.to(DOUBLE).eval().requires_grad_(False)


def openai(folder, name, sizes, scripted):
    """OpenAI's model, half in fp16 as published: a TorchScript archive or a state_dict."""
    model = enliven(clip.model.CLIP(**sizes))
    side, length, vocabulary = (
        sizes["image_resolution"], sizes["context_length"], sizes["vocab_size"])
    fit_batch_norms(model, clip_normalize(photographs(2, side, side)))
    clip.model.convert_weights(model.eval())
    # The published models keep these beside their weights.
    for entry, value in (("input_resolution", side), ("context_length", length),
                         ("vocab_size", vocabulary)):
        model.__dict__.pop(entry, None)
        model.register_buffer(entry, torch.tensor(value))
    if scripted:
        example = torch.zeros(1, 3, side, side), torch.zeros(1, length, dtype=torch.long)
        torch.jit.trace(model, example, check_trace=False).save(folder / name)
        state = torch.jit.load(folder / name, map_location="cpu").state_dict()
    else:
        torch.save(model.state_dict(), folder / name)
        state = torch.load(folder / name, map_location="cpu", weights_only=True)
    patch, model = in_double(clip.model.build_model(dict(state)))
    with patch:
        return clip_expectations(model, side, length, vocabulary)


def fit_batch_norms(model, pictures):
    """Gives batch normalisations the statistics of `pictures`, and factors that keep them."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
        norm.weight.data.normal_(0.7, 0.1)
    if norms:
        model.train().encode_image(pictures)


def openclip(folder, name, configuration, own_text_tower):
    """An OpenCLIP model as its hub keeps it: safetensors and open_clip_config.json."""
    kind = open_clip.model.CustomTextCLIP if own_text_tower else open_clip.model.CLIP
    arguments = {key: value for key, value in configuration.items() if key != "custom_text"}
    model = enliven(kind(**arguments))
    save_file({key: value.contiguous() for key, value in model.half().state_dict().items()},
              folder / name)
    mean, deviation = (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD)
    settings = {"model_cfg": configuration, "preprocess_cfg": {"mean": mean, "std": deviation}}
    write_json(folder / "open_clip_config.json", settings)
    model = kind(**arguments)
    model.load_state_dict(load_file(folder / name))
    text = configuration["text_cfg"]
    return clip_expectations(
        model.to(DOUBLE).eval().requires_grad_(False), configuration["vision_cfg"]["image_size"],
        text["context_length"], text["vocab_size"])


class FromTransformers:
    """transformers' CLIPModel with the original's methods."""

    def __init__(self, folder):
        self.model = transformers.CLIPModel.from_pretrained(folder).to(DOUBLE).eval()
        self.model.requires_grad_(False)

    def encode_image(self, images):
        return self.model.visual_projection(self.model.vision_model(images).pooler_output)

    def encode_text(self, tokens):
        return self.model.text_projection(self.model.text_model(tokens).pooler_output)


def huggingface(folder, vision, text, width, dtype):
    """transformers' model as its hub keeps it: model.safetensors and config.json."""
    text = text | {"bos_token_id": text["vocab_size"] - 2, "eos_token_id": text["vocab_size"] - 1}
    configuration = transformers.CLIPConfig(
        text_config=text, vision_config=vision, projection_dim=width)
    enliven(transformers.CLIPModel(configuration)).to(dtype).save_pretrained(folder)
    return clip_expectations(FromTransformers(folder), vision["image_size"],
                             text["max_position_embeddings"], text["vocab_size"])


# VQGAN


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


class NearestVQ(VQGAN):
    def scores(self, features):
        """The larger, the nearer: minus the squared distances [P,K]."""
        z = features.flatten(2).transpose(1, 2)[0]
        return -torch.cdist(z, self.quantize.embedding.weight).square()


def vqgan_expectations(model, height, width):
    """Features and codes of a picture, the picture of the codes, and a gradient to the latent."""
    picture = 2 * photographs(1, height, width).to(DOUBLE) - 1
    features = model.encode(picture)
    scores = model.scores(features)
    best = scores.topk(2).values
    # How much better the chosen code is than the second, as a share of the scores' size.
    margin = (best[:, 0] - best[:, 1]) / best.abs().max(dim=1).values
    codes = scores.argmax(1).reshape(1, *features.shape[2:])
    latent = model.codes_to_latent(codes).requires_grad_()
    decoded = model.decode(latent)
    weights = torch.randn_like(decoded) / decoded.numel()**0.5
    return {"picture": picture, "features": features, "codes": codes, "margin": margin,
            "latent": latent, "decoded": decoded, "weights": weights,
            "latent.grad": torch.autograd.grad((decoded * weights).sum(), latent)[0]}


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
    saved = {"monitor": "val/rec_loss", "best_model_score": torch.tensor(0.5), "best_model_path": ""}
    return {"epoch": 12, "global_step": 345678, "pytorch-lightning_version": "1.0.8",
            "callbacks": {callbacks.ModelCheckpoint: saved}, "optimizer_states": [optimizer],
            "lr_schedulers": [], "state_dict": state}


def taming_parameters(params, target):
    loss = {"target": "taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator",
            "params": {"disc_conditional": False, "disc_in_channels": 3, "disc_start": 250001}}
    extra = {} if target == "VQModel" else {
        "kl_weight": 1e-8, "temperature_scheduler_config": {
            "target": "taming.lr_scheduler.LambdaWarmUpCosineScheduler",
            "params": {"warm_up_steps": 0, "max_decay_steps": 1000001, "lr_start": 0.9}}}
    return {"target": f"taming.models.vqgan.{target}",
            "params": params | extra | {"lossconfig": loss, "monitor": "val/rec_loss"}}


def vqgan(folder, name, target, params, transformer_width=None):
    """A VQGAN's .ckpt and .yaml; with a width, inside those of a Net2NetTransformer."""
    side = params["ddconfig"]["resolution"]
    kind = {"VQModel": NearestVQ, "GumbelVQ": GumbelVQ}[target]
    model = enliven(kind(params)).eval()
    if target == "VQModel":
        # Codes where the features are, as training leads them there.
        z = model.encode(2 * photographs(1, side, side) - 1)
        model.quantize.embedding.weight.data = torch.randn_like(
            model.quantize.embedding.weight) * z.std((0, 2, 3)) + z.mean((0, 2, 3))
    state = model.state_dict()
    discriminator = NLayerDiscriminator(ndf=params["ddconfig"]["ch"] // 2, n_layers=1)
    state |= {f"loss.discriminator.{key}": value
              for key, value in discriminator.state_dict().items()}
    configuration = taming_parameters(params, target)
    if transformer_width:
        # taming's GPT needs a transformers of 2021; two of its tensors stand for the rest.
        state = {f"first_stage_model.{key}": value for key, value in state.items()} | {
            "transformer.tok_emb.weight": torch.randn(params["n_embed"], transformer_width),
            "transformer.head.weight": torch.randn(params["n_embed"], transformer_width)}
        configuration = {
            "target": "taming.models.cond_transformer.Net2NetTransformer",
            "params": {"cond_stage_key": "depth", "first_stage_config": configuration}}
    torch.save(lightning(state, model), folder / name)
    text = yaml.safe_dump({"model": {"base_learning_rate": 4.5e-6, **configuration}})
    (folder / name).with_suffix(".yaml").write_text(text)
    return vqgan_expectations(load_vqgan(folder / name, kind), side, side)


def load_vqgan(path, kind):
    configuration = yaml.safe_load(path.with_suffix(".yaml").read_text())["model"]
    prefix = ""
    if "first_stage_config" in configuration["params"]:
        configuration = configuration["params"]["first_stage_config"]
        prefix = "first_stage_model."
    state = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    model = kind(configuration["params"])
    model.load_state_dict({
        key.removeprefix(prefix): value for key, value in state.items()
        if key.startswith(prefix) and not key.startswith(prefix + "loss.")}, strict=prefix == "")
    return model.to(DOUBLE).eval().requires_grad_(False)


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


def tiny(case):
    case("openai-rn", "clip", "RN50.pt", openai,
         openai_sizes(24, 64, (1, 2, 1, 1), 4, None, 64, 1, 12, 40), scripted=True)
    vision = {"image_size": 24, "layers": 2, "width": 48, "head_width": 12, "patch_size": 8,
              "mlp_ratio": 2.5}
    text = {"context_length": 12, "vocab_size": 40, "width": 32, "heads": 4, "layers": 1}
    model = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    case("openclip", "clip", "open_clip_model.safetensors", openclip, model, own_text_tower=False)
    model |= {"quick_gelu": True, "custom_text": True}
    case("openclip-text-tower", "clip", "open_clip_model.safetensors", openclip, model,
         own_text_tower=True)
    tower = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
             "num_attention_heads": 4, "hidden_act": "gelu"}
    case("huggingface", "clip", "model.safetensors", huggingface,
         tower | {"image_size": 24, "patch_size": 8},
         tower | {"vocab_size": 40, "max_position_embeddings": 12}, 24, torch.float16)
    network = ddconfig(4, [1, 2], 1, [8], 16, 8, norm_groups=2)
    params = {"embed_dim": 8, "n_embed": 40, "ddconfig": network}
    case("gumbel", "vqgan", "gumbel.ckpt", vqgan, "GumbelVQ", params)
    case("net2net", "vqgan", "transformer.ckpt", vqgan, "VQModel", params | {"embed_dim": 6},
         transformer_width=8)


def full(case):
    sizes = openai_sizes(512, 224, 12, 768, 32, 512)
    case("openai-vit-b-32", "clip", "ViT-B-32.pt", openai, sizes, scripted=True)
    sizes = openai_sizes(768, 224, 24, 1024, 14, 768)
    case("openai-vit-l-14", "clip", "ViT-L-14.pt", openai, sizes, scripted=False)
    sizes = openai_sizes(1024, 224, (3, 4, 6, 3), 64, None, 512)
    case("openai-rn50", "clip", "RN50.pt", openai, sizes, scripted=True)
    model = open_clip.get_model_config("ViT-B-32")
    case("openclip-vit-b-32", "clip", "open_clip_model.safetensors", openclip, model,
         own_text_tower=False)
    case("huggingface-vit-b-32", "clip", "model.safetensors", huggingface,
         {"image_size": 224, "patch_size": 32}, {"vocab_size": 49408,
                                                 "max_position_embeddings": 77}, 512, torch.float32)
    params = {"embed_dim": 256, "n_embed": 16384,
              "ddconfig": ddconfig(128, [1, 1, 2, 2, 4], 2, [16], 256, 256)}
    case("vqgan-f16-16384", "vqgan", "vqgan_imagenet_f16_16384.ckpt", vqgan, "VQModel", params)
    case("net2net-f16-1024", "vqgan", "net2net.ckpt", vqgan, "VQModel", params | {"n_embed": 1024},
         transformer_width=1024)
    params = {"embed_dim": 256, "n_embed": 8192,
              "ddconfig": ddconfig(128, [1, 1, 2, 4], 2, [32], 256, 256)}
    case("gumbel-f8-8192", "vqgan", "gumbel_f8_8192.ckpt", vqgan, "GumbelVQ", params)
    case("guidance", "guidance", None, guidance, ("vqgan-f16-16384/vqgan_imagenet_f16_16384.ckpt",
                                                  "openai-vit-b-32/ViT-B-32.pt"))


def guidance(folder, _, models):
    """The whole loss of a render and its gradient to the latent, with two of the models above."""
    generator = load_vqgan(folder.parent / models[0], VQGAN)
    state = torch.jit.load(folder.parent / models[1], map_location="cpu").state_dict()
    patch, perceptor = in_double(clip.model.build_model(dict(state)))
    with patch:
        texts = perceptor.encode_text(captions(2, 77, 49408))
        picture = 2 * photographs(1, 256, 256).to(DOUBLE) - 1
        return loss_fixture(generator, perceptor, texts, picture, seed=5)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR",
                        help="write full-size checkpoints to DIR (12 GB)")
    parser.add_argument("--only", help="cases whose name begins so")
    arguments = parser.parse_args()
    root = arguments.full or pathlib.Path(__file__).parent / "checkpoints"

    def case(label, kind, name, make, *sizes, **more):
        if not label.startswith(arguments.only or ""):
            return
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(1)
        names = (name,) if make is not huggingface else ()
        tensors = make(folder, *names, *sizes, **more)
        metadata = {"kind": kind, "checkpoint": name or " ".join(sizes[0])}
        save_file({key: value.detach().float().contiguous() for key, value in tensors.items()},
                  folder / "expected.safetensors", metadata)
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
        print(label, sizes, {key: f"{value.float().std().item():.2g}" if value.numel() > 1
                             else f"{value.item():.4g}" for key, value in tensors.items()})

    (full if arguments.full else tiny)(case)


if __name__ == "__main__":
    main()
