using Sweep.Contracts.Results;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Figures;

/// <summary>A bottleneck at a scalar on a benchmark of a model, as figures show it; of a running sweep with what there is so far.</summary>
internal sealed record EffectCell
{
    public required string Model { get; init; }

    public required string Benchmark { get; init; }

    public required string Bottleneck { get; init; }

    public double? Scalar { get; init; }

    /// <summary>The lowest layer that it touches; null: not known.</summary>
    public int? Layer { get; init; }

    public required ScoreUnit Unit { get; init; }

    /// <summary>Null: nothing is measured yet.</summary>
    public double? Effect { get; init; }

    /// <summary>95 % interval of the effect.</summary>
    public double? Low { get; init; }

    public double? High { get; init; }

    /// <summary>Test items behind it.</summary>
    public required int N { get; init; }

    /// <summary>Test items that there will be, where some are missing: then the effect is of those so far, and nothing is corrected.</summary>
    public int? Of { get; init; }

    /// <summary>Corrected for all cells of the sweep.</summary>
    public double? FamilyP { get; init; }

    public int? ControlRank { get; init; }

    public int Controls { get; init; }

    /// <summary>The scalar that selection chose.</summary>
    public bool IsChosen { get; init; }

    public int Diverged { get; init; }

    /// <summary>Its sweep. Default: none, it leads nowhere unless <see cref="Href"/> is given.</summary>
    public string? SweepId { get; init; }

    /// <summary>Where it leads to. Default: its own page; made when it is drawn, which few of a large sweep's are.</summary>
    public string? Href
    {
        get => field ?? (SweepId is null ? null : Links.Cell(SweepId, Model, Benchmark, Bottleneck, Scalar));
        init;
    }

    public bool IsSignificant => FamilyP <= 0.05;

    public string Name => $"{Bottleneck} ×{ReportFigures.Scalar(Scalar)}";

    /// <summary>All of it in a sentence.</summary>
    public string Sentence
    {
        get
        {
            if (Effect is null)
                return $"{Name}: not measured yet";
            var parts = new List<string> { $"{Name}: {ReportFigures.Effect(Unit, Effect)} {ReportFigures.UnitOf(Unit)}" };
            parts.Add(Low is null || High is null ? "no interval" : $"{(Of is null ? "95 % interval" : "rough 95 % interval")} {ReportFigures.Interval(Unit, Low, High)}");
            parts.Add(Of is { } all ? $"{N} of {all} test items so far" : $"n {N}");
            if (FamilyP is { } p)
                parts.Add($"corrected p {ReportFigures.P(p)}");
            if (ControlRank is { } rank)
                parts.Add($"rank {rank} of {Controls + 1} among random controls");
            if (IsChosen)
                parts.Add("chosen on the selection split");
            if (Diverged > 0)
                parts.Add($"{Diverged} items diverged");
            return string.Join(", ", parts);
        }
    }
}
