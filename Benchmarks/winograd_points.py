"""Rounding errors of Winograd's minimal filtering F(m x m, r x r) in fp32, by its points.

usage: winograd_points.py [--search]       (needs numpy)

Prints the largest error, in parts of the largest result, and the root mean square one, in parts of
the results', of what the kernels compute (Kernels/common/winograd.cl) and of other points; with
--search the best of all symmetric points among small fractions. Pixels and taps are normal draws.
"""
import argparse
import itertools
from fractions import Fraction

import numpy as np


def product(roots):
    """Coefficients of the polynomial with these roots, lowest first."""
    result = [Fraction(1)]
    for root in roots:
        shifted = [Fraction(0)] + result
        result = [a - root * b for a, b in zip(shifted, result + [Fraction(0)])]
    return result


def transforms(m, r, points):
    """A^T, B^T and G of F(m, r) with these points and infinity (Toom and Cook)."""
    side = m + r - 1
    output = [[p**i for p in points] + [Fraction(i == m - 1)] for i in range(m)]
    inputs, weights = [], []
    for p in points:
        others = [q for q in points if q != p]
        scale = Fraction(1)
        for q in others:
            scale *= p - q
        inputs.append(product(others) + [Fraction(0)])
        weights.append([p**j / scale for j in range(r)])
    inputs.append(product(points))
    weights.append([Fraction(j == r - 1) for j in range(r)])
    assert all(len(row) == side for row in inputs)
    return [np.array(x, float) for x in (output, inputs, weights)]


def errors(m, r, points, channels, tiles=24, outputs=16):
    output, inputs, weights = transforms(m, r, points)
    random = np.random.default_rng(1)
    side = m + r - 1
    x = random.standard_normal((tiles, side, side, channels)).astype(np.float32)
    w = random.standard_normal((r, r, channels, outputs)).astype(np.float32)
    exact = sum(
        np.einsum("tabc,ck->tabk", x[:, i : i + m, j : j + m].astype(float), w[i, j].astype(float))
        for i in range(r)
        for j in range(r)
    )

    def both_axes(matrix, values, axis):
        matrix = matrix.astype(np.float32)
        for a in (axis, axis + 1):
            values = np.moveaxis(np.tensordot(matrix, values, (1, a)), 0, a)
        return values

    pixels, taps = both_axes(inputs, x, 1), both_axes(weights, w, 0)
    products = np.einsum("tabc,abck->tabk", pixels, taps)
    error = both_axes(output, products, 1) - exact
    return abs(error).max() / abs(exact).max(), np.sqrt((error**2).mean() / (exact**2).mean())


def symmetric(*fractions):
    return [Fraction(0)] + [sign * Fraction(f) for f in fractions for sign in (1, -1)]


def search(m, r, channels=64):
    candidates = "1/4 1/3 3/8 2/5 1/2 3/5 5/8 2/3 3/4 4/5 1 5/4 4/3 3/2 7/4 2 5/2".split()
    pairs = (m + r - 3) // 2
    found = [
        (errors(m, r, symmetric(*chosen), channels, tiles=12)[1], chosen)
        for chosen in itertools.combinations(candidates, pairs)
    ]
    return sorted(found)[:5]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--search", action="store_true")
    cases = [
        (4, 3, ("1", "2")), (4, 3, ("2/3", "3/2")), (5, 2, ("1", "2")), (5, 2, ("2/3", "3/2")),
        (6, 3, ("1/2", "1", "2")),
    ]
    if parser.parse_args().search:
        for m, r in ((4, 3), (5, 2), (6, 3)):
            for error, chosen in search(m, r):
                print(f"F({m}x{m}, {r}x{r})  0, ±{', ±'.join(chosen)}, ∞: {error:.1e}")
    else:
        for m, r, chosen in cases:
            for channels in (128, 512):
                largest, mean = errors(m, r, symmetric(*chosen), channels)
                print(
                    f"F({m}x{m}, {r}x{r})  0, ±{', ±'.join(chosen)}, ∞  {channels} channels: "
                    f"largest {largest:.1e}, mean {mean:.1e}")
