using System.Globalization;
using Sweep.Execution.Hub;

namespace Sweep.Cli.Hub;

/// <summary>What a pull will fetch, and how far it is.</summary>
internal static class PullView
{
    public static void Print(PullPlan plan, string endpoint, TextWriter to)
    {
        to.WriteLine($"{plan.Model.Repository}@{plan.Model.Revision} from {endpoint}: commit {plan.Commit}, {plan.Files.Count} files, {Size(plan.Bytes)}, {Size(plan.MissingBytes)} of them to fetch");
        foreach (var file in plan.Files)
            to.WriteLine($"  {Size(file.Bytes),10}  {file.Name}");
        if (plan.LeftOut.Count > 0)
            to.WriteLine($"  not fetched: {string.Join(", ", plan.LeftOut.Take(6).Select(file => file.Name))}{(plan.LeftOut.Count > 6 ? $" and {plan.LeftOut.Count - 6} more" : "")}");
    }

    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };

    /// <summary>A line every twentieth, and the last.</summary>
    public sealed class Progress(TextWriter to) : IProgress<PullProgress>
    {
        private long _next;

        public void Report(PullProgress value)
        {
            if (value.Done < _next && value.Done != value.Total)
                return;
            _next = value.Done + Math.Max(value.Total / 20, 1 << 20);
            to.WriteLine($"  {Size(value.Done)} of {Size(value.Total)}");
        }
    }
}
