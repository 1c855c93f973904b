using Sweep.Contracts.Plans;

namespace Sweep.Execution.Identification;

/// <summary>Swaps activations between clean and corrupted prompts to see what carries the answer.</summary>
public interface IPatchingStudy
{
    /// <exception cref="InvalidPlanException">Every problem of the request.</exception>
    Task<PatchingResult> RunAsync(PatchingRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>What is swapped, in which prompts.</summary>
public sealed record PatchingRequest
{
    /// <summary>A model folder.</summary>
    public required string Model { get; init; }

    /// <summary>jsonl of {clean, corrupted, answer, other}: prompts of equally many tokens, what follows each.</summary>
    public required string Pairs { get; init; }

    /// <summary>Sites whose channels are swapped, all together, at every layer.</summary>
    public IReadOnlyList<string> Sites { get; init; } = ["MixerOutput", "SsmOutput"];

    /// <summary>Bottleneck files whose channels are swapped too.</summary>
    public IReadOnlyList<string> Bottlenecks { get; init; } = [];

    /// <summary>Where beside all positions at once: one of <see cref="PatchedPositions.Words"/>. Default: nowhere else.</summary>
    public string Positions { get; init; } = PatchedPositions.All;

    /// <summary>"fp32" (default), "tf32" (CUDA devices), "bf16" or "fp16".</summary>
    public string Precision { get; init; } = "fp32";
}

/// <summary>What swapping did.</summary>
public sealed record PatchingResult
{
    /// <summary>Name of the model's folder.</summary>
    public required string Model { get; init; }

    public required string WeightsHash { get; init; }

    public required string Precision { get; init; }

    public required string NumericsId { get; init; }

    /// <summary>SHA-256 of the file of pairs.</summary>
    public required string PairsHash { get; init; }

    public required int Pairs { get; init; }

    /// <summary>Mean over pairs of log p(answer) − log p(other) after the clean prompt, by the first token of each.</summary>
    public required double Clean { get; init; }

    /// <summary>The same after the corrupted prompt.</summary>
    public required double Corrupted { get; init; }

    /// <summary>Swaps at all positions.</summary>
    public required IReadOnlyList<PatchingRow> Rows { get; init; }

    /// <summary>Columns of <see cref="Maps"/>; null: nothing was swapped position by position.</summary>
    public IReadOnlyList<PatchingPosition>? Positions { get; init; }

    /// <summary>One a site, then one a bottleneck file.</summary>
    public IReadOnlyList<PatchingMap>? Maps { get; init; }
}

/// <summary>One position, or some that are swapped together.</summary>
public sealed record PatchingPosition
{
    /// <summary>0-based, or the group's name.</summary>
    public required string Name { get; init; }

    /// <summary>A single position's token in the first clean prompt; null for groups.</summary>
    public string? Token { get; init; }

    /// <summary>Pairs that have such positions; in others nothing is swapped, and nothing lost or gained.</summary>
    public required int Pairs { get; init; }
}

/// <summary>Swaps of one site, layer by position.</summary>
public sealed record PatchingMap
{
    /// <summary>The bottleneck file; null for all channels of the site.</summary>
    public string? Source { get; init; }

    public required string Site { get; init; }

    public required int Channels { get; init; }

    /// <summary>Of the rows.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>[layer][position], see <see cref="PatchingRow.Necessity"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<double?>> Necessity { get; init; }

    /// <summary>[layer][position], see <see cref="PatchingRow.Sufficiency"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<double?>> Sufficiency { get; init; }
}

/// <summary>One swap at all positions.</summary>
public sealed record PatchingRow
{
    /// <summary>The bottleneck file; null for all channels of the site.</summary>
    public string? Source { get; init; }

    public required int Layer { get; init; }

    public required string Site { get; init; }

    public required int Channels { get; init; }

    /// <summary>Share of the difference between clean and corrupted that the clean run loses with corrupted activations; null: there is no difference.</summary>
    public required double? Necessity { get; init; }

    /// <summary>Share of it that the corrupted run gains with clean activations.</summary>
    public required double? Sufficiency { get; init; }
}
