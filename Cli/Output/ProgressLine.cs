using System.Globalization;
using Sweep.Contracts.Grains;

namespace Sweep.Cli.Output;

/// <summary>A sweep's progress in one line: what does not fit goes, item rows, tokens/s, time left and model last of all.</summary>
internal static class ProgressLine
{
    private const int BarWidth = 20;

    /// <param name="status">Of the sweep.</param>
    /// <param name="model">Name of the model that is loaded, where one is.</param>
    /// <param name="elapsed">Since the command began.</param>
    /// <param name="running">Since the first rows could be run.</param>
    /// <param name="width">Columns there are.</param>
    public static string Of(SweepStatus status, string? model, TimeSpan elapsed, TimeSpan running, int width)
    {
        var state = status.Stage ?? status.State.ToLowerInvariant();
        if (status.RowsTotal == 0)
            return Fit([$"{status.SweepId}: {state}, {elapsed.TotalSeconds:0} s", $"{state}, {elapsed.TotalSeconds:0} s"], width);
        var share = (double)status.RowsDone / status.RowsTotal;
        var rows = string.Create(CultureInfo.InvariantCulture, $"{status.RowsDone:N0}/{status.RowsTotal:N0} item rows");
        var percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(100 * share):0} %");
        var rest = string.Concat(Rest(status, model, running).Select(part => $", {part}"));
        return Fit([$"{status.SweepId}: {state} {Bar(share)} {percent}, {rows}{rest}", $"{status.SweepId}: {state} {percent}, {rows}{rest}", $"{state} {percent}, {rows}{rest}", $"{percent}, {rows}{rest}", $"{rows}{rest}"], width);
    }

    private static IEnumerable<string> Rest(SweepStatus status, string? model, TimeSpan running)
    {
        if (running > TimeSpan.FromSeconds(0.5) && status.Tokens > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{status.Tokens / running.TotalSeconds:N0} tokens/s");
        if (status.RowsDoneHere > 0 && status.RowsDone < status.RowsTotal)
            yield return $"{Clock(running * ((double)(status.RowsTotal - status.RowsDone) / status.RowsDoneHere))} left";
        if (model is not null)
            yield return model;
        if (status.BatchesQuarantined > 0)
            yield return $"{status.BatchesQuarantined} batches set aside";
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1 ? $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";

    private static string Bar(double share)
    {
        var full = (int)(BarWidth * share);
        return new string('█', full) + new string('░', BarWidth - full);
    }

    private static string Fit(string[] forms, int width) => forms.FirstOrDefault(form => form.Length <= width) ?? forms[^1][..Math.Min(forms[^1].Length, Math.Max(0, width))];
}
