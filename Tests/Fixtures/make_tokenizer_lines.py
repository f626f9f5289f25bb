"""Writes originals/tokenizer_lines.json.gz: 10,000 lines that try a CLIP tokenizer, and a hash of
what the original makes of each.

    python make_tokenizer_lines.py [--count 10000] [--seed 1] [--out originals]

An array of [text, hash with merges.txt, hash with OpenAI's vocabulary]; a hash is the CRC-32 of the
token ids, without start and end, as little-endian int32. The environment is make_originals.py's.
The same seed gives the same lines; the characters are those of Python's Unicode (14 in 3.11).
"""

import argparse
import gzip
import html.entities
import json
import pathlib
import random
import struct
import tempfile
import unicodedata
import zlib

import ftfy.bad_codecs
from clip.simple_tokenizer import SimpleTokenizer

from tokenizer_lines import LINES

WORDS = """a an the of in on at by with and or not red blue green yellow golden tiny giant old house
river mountain forest castle dragon cat dogs astronaut painting sketch watercolour render photo
portrait landscape city street night dawn winter light shadow style van Gogh Picasso Hokusai unreal
engine artstation trending detailed cinematic 4k 8K HDR bokeh dreamlike it's don't we're I'll you've
he'd cat's THE Moon NASA iPhone x1 2021 3d 1990s mid-century state-of-the-art rock&roll e.g. etc.
matte-painting octane #art @user vaporwave low-poly isometric pixelart""".split()
ACCENTED = """café naïve façade jalapeño Ångström Zürich São Paulo crème brûlée fiancée Dvořák
Łódź Kraków żółć Škoda Čapek Bağcılar ışık Ğ İzmir ÇA VA où être garçon Ærø smörgåsbord Þór ðe
ő ű Győr naïveté coöperate El Niño ¿qué? ¡olé! Straße GRÖSSE œuvre Œdipe übermäßig tiếng Việt
phở đường l’été d’œil “déjà vu” «guillemets» – — … € £5 20° ½ × ÷ ± ® © ™""".split()
SCRIPTS = [
    (0x4E00, 0x9FA5), (0x3041, 0x3096), (0x30A1, 0x30FA), (0xAC00, 0xD7A3), (0x0410, 0x044F),
    (0x0391, 0x03C9), (0x05D0, 0x05EA), (0x0621, 0x064A), (0x0905, 0x0939), (0x0E01, 0x0E3A),
    (0x10D0, 0x10F0), (0x0531, 0x0556), (0x1E00, 0x1EFF), (0xFF01, 0xFFEE), (0x0300, 0x036F),
    (0x1100, 0x11FF), (0x2150, 0x218B), (0x2460, 0x24FF), (0x1D400, 0x1D7FF), (0x20000, 0x2A6D0),
]
EMOJI = [
    "😀", "🌈", "❤️", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣", "🏴‍☠️", "☀︎", "✨",
    "🎨", "🧑‍🚀", "🐉", "🔥", "💯", "🫠", "✔", "☃", "♥", "🈚",
]
SPACES = " \t\n\r\x0b\x0c\x85\xa0\u1680\u2003\u2009\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
ENCODINGS = [
    "latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250",
    "sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman",
    "cp437",
]
# What wrong decoding leaves behind, and what stands beside it.
GARBLE = sorted({c for e in ENCODINGS for c in bytes(range(0x80, 0x100)).decode(e)}
                | set("\ufffd\x1a"))
BESIDE = "aaeozAEO   .,!?'-_<&;\n02"
NAMES = sorted(html.entities.html5)


def is_assigned(character):
    return unicodedata.category(character) not in ("Cn", "Cs", "Co")


ASSIGNED = [chr(c) for c in range(0x20, 0x110000) if is_assigned(chr(c))]


def english(r):
    words = [r.choice(WORDS) for _ in range(r.randint(1, 9))]
    if r.random() < 0.3:
        words[r.randrange(len(words))] += r.choice(",.!?;:")
    text = r.choice([" ", " ", " ", ", ", "  "]).join(words)
    return r.choice([str, str, str.upper, str.title])(text)


def accents(r):
    text = " ".join(r.choice(ACCENTED + WORDS[:20]) for _ in range(r.randint(1, 7)))
    return unicodedata.normalize(r.choice(["NFC", "NFC", "NFD"]), text)


def script(r):
    parts = []
    for _ in range(r.randint(1, 4)):
        low, high = r.choice(SCRIPTS)
        letters = [chr(r.randint(low, high)) for _ in range(r.randint(1, 6))]
        parts.append("".join(c for c in letters if is_assigned(c)))
    return r.choice(["", " ", " ", "、"]).join(parts)


def anything(r):
    return "".join(r.choice(ASSIGNED) for _ in range(r.randint(1, 8)))


def emoji(r):
    parts = [r.choice(EMOJI) if r.random() < 0.6 else r.choice(WORDS)
             for _ in range(r.randint(1, 6))]
    return r.choice(["", " "]).join(parts)


def numbers(r):
    forms = ["{}", "{}.{}", "{}x{}", "{:,}", "-{}%", "${}", "{}th", "#{}", "{}/{}", "0x{:x}"]
    return " ".join(r.choice(forms).format(r.randint(0, 99999), r.randint(0, 99))
                    for _ in range(r.randint(1, 4)))


def reference(r):
    kind = r.random()
    if kind < 0.3:
        value = r.choice([r.randint(0, 0x2FF), r.randint(0x2000, 0x2700), r.randint(0, 0x120000)])
        text = r.choice(["&#{};", "&#x{:x};", "&#X{:X};", "&#{}", "&#x{:x}"]).format(value)
    else:
        name = "&" + r.choice(NAMES)
        text = r.choice([name, name, name.rstrip(";"), name.upper(), name.replace("&", "&amp;")])
    return text


def entities(r):
    parts = [reference(r) if r.random() < 0.6 else r.choice(WORDS) for _ in range(r.randint(1, 5))]
    if r.random() < 0.1:
        parts.insert(r.randrange(len(parts) + 1), r.choice(["<b>", "<3", "\n<i>\n"]))
    return r.choice(["", " ", " "]).join(parts)


def garbled(r, text):
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        try:
            text = text.encode().decode(r.choice(ENCODINGS))
        except UnicodeDecodeError:
            pass
    kind = r.random()
    if kind < 0.15:
        text = text.replace("\xa0", " ")
    elif kind < 0.3:
        text = "".join("\ufffd" if "\x80" <= c <= "\x9f" else c for c in text)
    elif kind < 0.35:
        text = "".join("?" if "\x80" <= c <= "\x9f" else c for c in text)
    elif kind < 0.4:
        text = text.lower()
    return text


def mojibake(r):
    text = garbled(r, r.choice([accents, accents, script, emoji])(r))
    if r.random() < 0.3:
        text = r.choice([accents, english, script])(r) + r.choice([" ", "", "\n"]) + text
    return text


def garble(r):
    return "".join(r.choice(GARBLE) if r.random() < 0.7 else r.choice(BESIDE)
                   for _ in range(r.randint(1, 12)))


def controls(r):
    text = list(english(r))
    for _ in range(r.randint(1, 5)):
        extra = r.choice([
            chr(r.randint(0, 0x1F)), chr(r.randint(0x7F, 0x9F)), r.choice(SPACES),
            chr(r.randint(0x2000, 0x206F)), "\x1b[%dm" % r.randint(0, 99), "\x1b[1;3H"])
        text.insert(r.randint(0, len(text)), extra)
    return "".join(text)


def long_words(r):
    alphabet = r.choice(["abcdefghijklmnopqrstuvwxyz", "ab", "-", "é", "漢字", "0123456789",
                         "the", "'s", "aeiou!?"])
    return "".join(r.choice(alphabet) for _ in range(r.randint(40, 300)))


def contractions(r):
    ends = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "\u2019s", "'\u017f", "'x"]
    return "".join(r.choice(WORDS) + r.choice(ends) + r.choice(["", " "])
                   for _ in range(r.randint(1, 5)))


def special(r):
    tokens = ["<|startoftext|>", "<|endoftext|>", "<|STARTOFTEXT|>", "<|endoftext", "|>", "<|x|>"]
    return "".join(r.choice(tokens) + r.choice(["", " ", "a", "!"]) for _ in range(r.randint(1, 3)))


KINDS = [(english, 14), (accents, 10), (script, 12), (anything, 10), (emoji, 6), (numbers, 4),
         (entities, 10), (mojibake, 14), (garble, 10), (controls, 6), (long_words, 1),
         (contractions, 2), (special, 1)]


def lines(count, seed):
    """The hand-written lines, every named reference once, then lines of all kinds."""
    result = LINES + ["&" + name for name in NAMES]
    r = random.Random(seed)
    makers, weights = zip(*KINDS)
    while len(result) < count:
        result.append(r.choices(makers, weights)[0](r))
    return result[:count]


def tokenizer(merges):
    with tempfile.NamedTemporaryFile(suffix=".gz") as file:
        file.write(gzip.compress(merges.read_bytes()))
        file.flush()
        return SimpleTokenizer(file.name)


def hashed(ids):
    return zlib.crc32(struct.pack(f"<{len(ids)}i", *ids))


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=here / "originals")
    arguments = parser.parse_args()
    small, full = tokenizer(here / "merges.txt"), SimpleTokenizer()
    rows = [[text, hashed(small.encode(text)), hashed(full.encode(text))]
            for text in lines(arguments.count, arguments.seed)]
    data = "[" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "]\n"
    with open(arguments.out / "tokenizer_lines.json.gz", "wb") as file:
        file.write(gzip.compress(data.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
