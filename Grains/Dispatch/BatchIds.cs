using System.Globalization;

namespace Sweep.Grains.Dispatch;

/// <summary>"SWEEP/NUMBER", padded so that ordinal order is numeric order.</summary>
internal static class BatchIds
{
    public static string Of(string sweepId, int number) => string.Create(CultureInfo.InvariantCulture, $"{sweepId}/{number:D6}");

    /// <summary>The number in a batch's id; -1: it is no batch's.</summary>
    public static int Number(string batchId) =>
        int.TryParse(batchId.AsSpan(batchId.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
