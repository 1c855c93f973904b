using Sweep.Contracts.Plans;

namespace Sweep.Cli.Chaos;

/// <summary>What a game day is made of.</summary>
internal sealed record GameDaySettings
{
    public required int Silos { get; init; }

    /// <summary>Kills that must count.</summary>
    public required int Kills { get; init; }

    /// <summary>At least this long between two kills.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>Of the choice of victims.</summary>
    public required int Seed { get; init; }

    public required SweepPlan Plan { get; init; }

    /// <summary>The same plan as it is submitted.</summary>
    public required string PlanText { get; init; }

    /// <summary>Folders of the plan's files.</summary>
    public required IReadOnlyList<string> Roots { get; init; }

    /// <summary>Sweep.Silo.dll.</summary>
    public required string SiloProgram { get; init; }

    /// <summary>From the submission to the sweep's end.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>For the embedded run's store, the silos' logs and both exports.</summary>
    public required string Folder { get; init; }
}
