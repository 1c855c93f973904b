"""Reference values of the BCa tests: python3 bca.py (SciPy 1.10.1 for the normal distribution). Nothing here is used by the build.

The draws are whole numbers, so that the bootstrap distribution is exact: the sum (and the weight) of n draws of n groups by repeated convolution, in fractions.
"""
from collections import Counter
from fractions import Fraction
from math import inf

from scipy.stats import norm

DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
SUMS = [1, 0, 2, -1, 3, 0, 0, 1, 2, 0, -1, 4]
WEIGHTS = [2, 1, 3, 2, 4, 1, 1, 2, 3, 1, 2, 5]


def distribution(sums, weights):
    states = Counter({(0, 0): 1})
    for _ in sums:
        following = Counter()
        for (s, w), ways in states.items():
            for a, b in zip(sums, weights):
                following[s + a, w + b] += ways
        states = following
    means = Counter()
    for (s, w), ways in states.items():
        means[Fraction(s, w)] += ways
    total = len(sums) ** len(sums)
    return sorted((mean, Fraction(ways, total)) for mean, ways in means.items())


def bca(sums, weights, z=norm.ppf(0.975)):
    estimate = Fraction(sum(sums), sum(weights))
    means = distribution(sums, weights)
    below = sum(p for mean, p in means if mean < estimate)
    equal = sum(p for mean, p in means if mean == estimate)
    left_out = [Fraction(sum(sums) - s, sum(weights) - w) for s, w in zip(sums, weights)]
    d = [sum(left_out) / len(left_out) - one for one in left_out]
    a = float(sum(x**3 for x in d)) / (6 * float(sum(x**2 for x in d)) ** 1.5)
    for name, share in [("ties count half", below + equal / 2), ("ties do not count", below)]:
        z0 = norm.ppf(float(share))
        bounds = []
        for at in (-z, z):
            level = norm.cdf(z0 + (z0 + at) / (1 - a * (z0 + at)))
            cumulative = Fraction(0)
            for mean, p in means:
                cumulative += p
                if cumulative >= level:
                    bounds.append(float(mean))
                    break
            bounds.append(level)
        print(name, "z0", z0, "a", a, "low", bounds[0], "high", bounds[2], "levels", bounds[1], bounds[3])


bca(DARWIN, [1] * 15)
bca(SUMS, WEIGHTS)
