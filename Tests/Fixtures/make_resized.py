"""Writes images/resized.json: pictures of noise and what Pillow's filters make of them.

Needs Pillow: python3 make_resized.py
"""

import json
import os
import random

from PIL import Image

# Sizes at which Pillow filters along rows first. Recent versions begin with the columns where that
# is quicker, which moves single bytes.
CASES = [(23, 17, 9, 8), (10, 20, 25, 50), (12, 12, 13, 24)]


def main():
    random.seed(1)
    cases = []
    for width, height, new_width, new_height in CASES:
        data = bytes(random.randrange(256) for _ in range(width * height * 3))
        picture = Image.frombytes("RGB", (width, height), data)
        resized = {
            name: list(picture.resize((new_width, new_height), method).tobytes())
            for name, method in [("bicubic", Image.BICUBIC), ("lanczos", Image.LANCZOS)]
        }
        cases.append(
            dict(width=width, height=height, newWidth=new_width, newHeight=new_height, bytes=list(data))
            | resized
        )
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images", "resized.json")
    with open(path, "w", encoding="utf8") as file:
        json.dump(cases, file, separators=(",", ":"))
        file.write("\n")


main()
