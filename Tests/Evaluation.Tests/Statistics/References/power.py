"""Reference values of the power tests: python3 power.py (SciPy 1.10.1). Nothing here is used by the build.

Every split of every number of discordant pairs is asked for its exact two-sided McNemar p-value (scipy.stats.binomtest); no critical values, no recurrences.
"""
from functools import lru_cache
from math import ceil, sqrt

from scipy.optimize import brentq
from scipy.stats import binom, binomtest, norm


@lru_cache(maxsize=None)
def rejects(d):
    return [k for k in range(d + 1) if min(1, 2 * binom.cdf(min(k, d - k), d, 0.5)) <= 0.05]


assert all((binomtest(k, d).pvalue <= 0.05) == (k in rejects(d)) for d in range(1, 80) for k in range(d + 1))


def power(n, effect, discordance):
    p = (1 + effect / discordance) / 2
    total = 0.0
    for d in range(n + 1):
        weight = binom.pmf(d, n, discordance)
        if weight > 1e-15:
            total += weight * sum(binom.pmf(k, d, p) for k in rejects(d))
    return total


def asymptotic(effect, discordance, level=0.05):
    return (norm.ppf(1 - level / 2) * sqrt(discordance) + norm.ppf(0.8) * sqrt(discordance - effect**2)) ** 2 / effect**2


if __name__ == "__main__":
    for effect, discordance, n in [(0.05, 0.15, 498), (0.05, 0.25, 817), (0.1, 0.25, 207)]:
        print(effect, discordance, ceil(asymptotic(effect, discordance)), ceil(asymptotic(effect, discordance, 0.05 / 42)),
              n, power(n - 1, effect, discordance), power(n, effect, discordance))
    print(0.02, 0.1, ceil(asymptotic(0.02, 0.1)), ceil(asymptotic(0.02, 0.1, 0.05 / 42)))
    print("power", power(30, 0.2, 0.3), power(100, 0.1, 0.2), power(12, 0.25, 0.25))
    print("detectable", brentq(lambda x: power(100, x, 0.25) - 0.8, 0.01, 0.249, xtol=1e-9), brentq(lambda x: power(60, x, 0.25) - 0.8, 0.01, 0.2499, xtol=1e-9))
    print("one way", brentq(lambda x: power(12, x, x) - 0.8, 0.1, 0.99, xtol=1e-9), brentq(lambda x: power(100, x, x) - 0.8, 0.01, 0.99, xtol=1e-9))
