using System.Globalization;

namespace Sweep.Perf.Dispatch;

/// <summary>What the dispatch harness is asked for.</summary>
internal sealed record DispatchSettings
{
    /// <summary>Jobs of the sweep; a multiple of <see cref="StubPlan.Benchmarks"/>. Default: 10000.</summary>
    public int Jobs { get; init; } = 10_000;

    /// <summary>Simulated workers, spread over the silos. Default: 200.</summary>
    public int Workers { get; init; } = 200;

    /// <summary>How long a job takes, over all its items. Default: 0.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>Items of every job. Default: 10.</summary>
    public int Items { get; init; } = 10;

    /// <summary>Silo processes. Default: 4.</summary>
    public int Silos { get; init; } = 4;

    public bool Json { get; init; }

    /// <summary>Null: <paramref name="problem"/> says why.</summary>
    public static DispatchSettings? Parse(IReadOnlyList<string> arguments, out string? problem)
    {
        var settings = new DispatchSettings();
        problem = null;
        for (var index = 0; index < arguments.Count; index++)
        {
            var name = arguments[index];
            if (name == "--json")
            {
                settings = settings with { Json = true };
                continue;
            }

            var value = index + 1 < arguments.Count ? arguments[++index] : "";
            var isCount = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;
            switch (name)
            {
                case "--jobs" when isCount && count % StubPlan.Benchmarks == 0:
                    settings = settings with { Jobs = count };
                    break;
                case "--workers" when isCount:
                    settings = settings with { Workers = count };
                    break;
                case "--items" when isCount:
                    settings = settings with { Items = count };
                    break;
                case "--silos" when isCount:
                    settings = settings with { Silos = count };
                    break;
                case "--work" when ParseTime(value) is { } work:
                    settings = settings with { Work = work };
                    break;
                default:
                    problem = $"found '{name} {value}', expected --jobs N (a multiple of {StubPlan.Benchmarks}), --workers N, --items N, --silos N (all above 0), --work TIME (0, 250ms, 1s) or --json";
                    return null;
            }
        }

        if (settings.Workers >= settings.Silos)
            return settings;
        problem = $"found {settings.Workers} workers on {settings.Silos} silos, expected at least one a silo";
        return null;
    }

    private static TimeSpan? ParseTime(string text)
    {
        var (number, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 0.001) : text.EndsWith('s') ? (text[..^1], 1.0) : (text, 1.0);
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? TimeSpan.FromSeconds(value * unit) : null;
    }
}
