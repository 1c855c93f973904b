using System.Globalization;
using Sweep.Perf.Dispatch;

namespace Sweep.Perf.Dashboards;

/// <summary>What the dashboard harness is asked for.</summary>
internal sealed record DashboardSettings
{
    /// <summary>Jobs of the large sweep; a multiple of <see cref="StubPlan.Benchmarks"/>. Default: 10000.</summary>
    public int Jobs { get; init; } = 10_000;

    /// <summary>Items of every job. Default: 100.</summary>
    public int Items { get; init; } = 100;

    /// <summary>Small sweeps beside the large one. Default: 1000.</summary>
    public int Sweeps { get; init; } = 1_000;

    /// <summary>Times that each call is made, after one that is not counted. Default: 9.</summary>
    public int Rounds { get; init; } = 9;

    /// <summary>Pages of a dashboard's process are opened, too; DashboardHost must have been built. Default: false.</summary>
    public bool Pages { get; init; }

    /// <summary>In a Chromium, too. Default: false.</summary>
    public bool Browser { get; init; }

    /// <summary>Times that they are opened with database, silo and dashboard started anew and nothing of the database in the page cache. Default: 5.</summary>
    public int Cold { get; init; } = 5;

    /// <summary>The store is kept in this folder, and used again where it is there already. Default: it is deleted at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>Every set of channels is a bottleneck of its own, so that all cells are shown. Default: twenty in twenty-one are controls.</summary>
    public bool NoControls { get; init; }

    public bool Json { get; init; }

    /// <summary>Null: <paramref name="problem"/> says why.</summary>
    public static DashboardSettings? Parse(IReadOnlyList<string> arguments, out string? problem)
    {
        var settings = new DashboardSettings();
        problem = null;
        for (var index = 0; index < arguments.Count; index++)
        {
            var name = arguments[index];
            if (Switch(settings, name) is { } switched)
            {
                settings = switched;
                continue;
            }

            var value = index + 1 < arguments.Count ? arguments[++index] : "";
            var isCount = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;
            switch (name)
            {
                case "--jobs" when isCount && count % StubPlan.Benchmarks == 0 && count > StubPlan.Benchmarks:
                    settings = settings with { Jobs = count };
                    break;
                case "--items" when isCount:
                    settings = settings with { Items = count };
                    break;
                case "--sweeps" when isCount:
                    settings = settings with { Sweeps = count };
                    break;
                case "--rounds" when isCount:
                    settings = settings with { Rounds = count };
                    break;
                case "--cold" when isCount:
                    settings = settings with { Cold = count };
                    break;
                case "--folder" when value.Length > 0:
                    settings = settings with { Folder = Path.GetFullPath(value) };
                    break;
                default:
                    problem = $"found '{name} {value}', expected --jobs N (a multiple of {StubPlan.Benchmarks}, at least {2 * StubPlan.Benchmarks}), --items N, --sweeps N, --rounds N, --cold N (all above 0), --folder PATH, --no-controls, --pages, --browser or --json";
                    return null;
            }
        }

        return settings;
    }

    private static DashboardSettings? Switch(DashboardSettings settings, string name) => name switch
    {
        "--json" => settings with { Json = true },
        "--pages" => settings with { Pages = true },
        "--browser" => settings with { Pages = true, Browser = true },
        "--no-controls" => settings with { NoControls = true },
        _ => null,
    };
}
