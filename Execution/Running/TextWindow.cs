using Sweep.Execution.Prefix;

namespace Sweep.Execution.Running;

/// <summary>A stretch of a text's tokens that is read by itself.</summary>
/// <param name="Start">Of the first token that is read.</param>
/// <param name="FirstScored">Within the window: the first token whose log-probability counts.</param>
internal readonly record struct TextWindow(int Start, int Length, int FirstScored)
{
    /// <summary>
    /// Windows in which every token after the first is scored once, from at least one and at most <paramref name="window"/> tokens before it: the first window scores as many tokens as it may,
    /// each later one the next <paramref name="stride"/>. With a stride as long as the window they share a token only, as rolling windows of lm-evaluation-harness do.
    /// </summary>
    public static IReadOnlyList<TextWindow> Of(int tokens, int? window, int stride)
    {
        if (window is not { } most || tokens <= most + 1)
            return [new TextWindow(0, tokens, 1)];
        var windows = new List<TextWindow> { new(0, most + 1, 1) };
        for (var scored = most + 1; scored < tokens;)
        {
            var end = Math.Min(scored + stride, tokens);
            var start = end - most - 1;
            windows.Add(new TextWindow(start, end - start, scored - start));
            scored = end;
        }

        return windows;
    }

    /// <summary>A text's answer from those of its windows: log-probabilities add, receipts are over all that was read.</summary>
    public static RowResult Join(ReadOnlySpan<RowResult> windows)
    {
        var joined = windows[0];
        foreach (var next in windows[1..])
        {
            joined = joined with
            {
                PromptLogLikelihood = joined.PromptLogLikelihood + next.PromptLogLikelihood,
                Diverged = joined.Diverged ?? next.Diverged,
                Receipt = Join(joined.Receipt, next.Receipt),
            };
        }

        return joined;
    }

    private static InterventionReceipt Join(InterventionReceipt one, InterventionReceipt next) => one with
    {
        PositionsTouched = one.PositionsTouched + next.PositionsTouched,
        OnTargetMinimum = Lower(one.OnTargetMinimum, next.OnTargetMinimum),
        OnTargetMaximum = Higher(one.OnTargetMaximum, next.OnTargetMaximum),
        OffTargetDeviation = Higher(one.OffTargetDeviation, next.OffTargetDeviation),
        RelativeChange = Higher(one.RelativeChange, next.RelativeChange),
        NextTokenKl = next.NextTokenKl,
    };

    private static double? Lower(double? one, double? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    private static double? Higher(double? one, double? other) => one is { } a && other is { } b ? Math.Max(a, b) : one ?? other;
}
