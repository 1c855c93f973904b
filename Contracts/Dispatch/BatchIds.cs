using System.Globalization;

namespace Sweep.Contracts.Dispatch;

/// <summary>"SWEEP/NUMBER", padded so that ordinal order is numeric order.</summary>
public static class BatchIds
{
    public static string Of(string sweepId, int number) => string.Create(CultureInfo.InvariantCulture, $"{sweepId}/{number:D6}");

    /// <summary>The sweep in a batch's id; empty: it is no batch's.</summary>
    public static string Sweep(string batchId) => batchId[..Math.Max(0, batchId.LastIndexOf('/'))];

    /// <summary>The number in a batch's id; -1: it is no batch's.</summary>
    public static int Number(string batchId) =>
        int.TryParse(batchId.AsSpan(batchId.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
