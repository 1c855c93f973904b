using System.Globalization;
using Sweep.Perf.Dispatch;

namespace Sweep.Perf.Dashboards;

/// <summary>What the harness of open pages is asked for.</summary>
internal sealed record ViewerSettings
{
    /// <summary>Open pages. Default: 50.</summary>
    public int Circuits { get; init; } = 50;

    /// <summary>Of one round, at least 3. Default: 60.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>Default: 3.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Jobs of the sweep that runs meanwhile; a multiple of <see cref="StubPlan.Benchmarks"/>. Default: 100000.</summary>
    public int Jobs { get; init; } = 100_000;

    /// <summary>Items of every job. Default: 100.</summary>
    public int Items { get; init; } = 100;

    /// <summary>Simulated workers, which take 2 s a job. Default: 40.</summary>
    public int Workers { get; init; } = 40;

    public bool Json { get; init; }

    /// <summary>Null: <paramref name="problem"/> says why.</summary>
    public static ViewerSettings? Parse(IReadOnlyList<string> arguments, out string? problem)
    {
        var settings = new ViewerSettings();
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
            var changed = (name, isCount) switch
            {
                ("--circuits", true) => settings with { Circuits = count },
                ("--seconds", true) when count >= 3 => settings with { Seconds = count },
                ("--rounds", true) => settings with { Rounds = count },
                ("--jobs", true) when count % StubPlan.Benchmarks == 0 && count > StubPlan.Benchmarks => settings with { Jobs = count },
                ("--items", true) => settings with { Items = count },
                ("--workers", true) => settings with { Workers = count },
                _ => null,
            };
            if (changed is null)
            {
                problem = $"found '{name} {value}', expected --circuits N, --seconds N (at least 3), --rounds N, --jobs N (a multiple of {StubPlan.Benchmarks}, at least {2 * StubPlan.Benchmarks}), --items N, --workers N (all above 0) or --json";
                return null;
            }

            settings = changed;
        }

        return settings;
    }
}
