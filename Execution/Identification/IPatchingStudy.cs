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

    /// <summary>"fp32" (default), "bf16" or "fp16".</summary>
    public string Precision { get; init; } = "fp32";
}

/// <summary>What swapping did.</summary>
public sealed record PatchingResult
{
    /// <summary>Name of the model's folder.</summary>
    public required string Model { get; init; }

    public required string WeightsHash { get; init; }

    public required int Pairs { get; init; }

    /// <summary>Mean over pairs of log p(answer) − log p(other) after the clean prompt, by the first token of each.</summary>
    public required double Clean { get; init; }

    /// <summary>The same after the corrupted prompt.</summary>
    public required double Corrupted { get; init; }

    public required IReadOnlyList<PatchingRow> Rows { get; init; }
}

/// <summary>One swap.</summary>
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
