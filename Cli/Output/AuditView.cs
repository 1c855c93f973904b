using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Cli.Commands;
using Sweep.Contracts.Json;
using Sweep.Persistence.Audits;

namespace Sweep.Cli.Output;

/// <summary>An audit for eyes and for programs.</summary>
internal static class AuditView
{
    /// <summary>Lines of a kind before "and so many more".</summary>
    private const int Most = 20;

    public static string Json(SweepAudit audit, ReplayedSample sample) => JsonSerializer.Serialize(Document(audit, sample), SweepJson.Indented);

    public static object Document(SweepAudit audit, ReplayedSample sample) =>
        new
        {
            audit.Sweep,
            audit.State,
            Clean = audit.Clean && sample.Clean,
            audit.Problems,
            audit.Jobs,
            audit.RowsExpected,
            audit.RowsRecorded,
            RowsMissing = audit.RowsExpected - audit.RowsRecorded,
            audit.RowsOfOtherItemSets,
            audit.Incomplete,
            audit.Account,
            audit.Account.LateWrites,
            audit.Orphans,
            Batches = audit.Batches.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
            Sample = sample,
            audit.Attempts,
        };

    public static void Print(SweepAudit audit, ReplayedSample sample)
    {
        var account = audit.Account;
        Console.WriteLine($"{audit.Sweep}: {audit.State}");
        Console.WriteLine(Text($"  rows      {audit.RowsRecorded} of {audit.RowsExpected} recorded, of {audit.Jobs} jobs; {audit.RowsOfOtherItemSets} more of other sweeps' items"));
        Console.WriteLine(Text($"  attempts  {audit.Attempts.Count}: {account.Accepted} rows accepted (found {account.Marked} with their marks), {account.Shared} sent again, {account.Rejected} too late"));
        Console.WriteLine(Text($"  others    {account.OfOtherSweeps} rows by other sweeps, {account.OfRemovedSweeps} by removed ones, {account.Unmarked} unmarked"));
        Console.WriteLine(Text($"  batches   {string.Join(", ", audit.Batches.Select(pair => $"{pair.Value} {pair.Key}"))}"));
        Console.WriteLine(Text($"  orphans   {audit.Orphans.Total}, late writes {account.LateWrites}"));
        Console.WriteLine(Text($"  sample    {sample.Equal} of {sample.Rows} rows came out the same (seed {sample.Seed})"));
        if (sample.Near + sample.Flipped.Count > 0)
        {
            var nats = sample.LargestMove is { } move ? Text($", log-likelihoods by up to {move:0.0e+0} nats") : "";
            Console.WriteLine(Text($"  packing   {sample.Near} more moved within tolerance and {sample.Flipped.Count} flipped{nats}: on their device bits depend on packing"));
        }

        Lines("missing", audit.Incomplete.Select(job => Text($"job {job.Job} on {job.Benchmark}: {job.Missing} of {job.Expected} items; {(job.Reasons.Count == 0 ? "nothing says why" : string.Join("; ", job.Reasons))}")));
        Lines("flipped", sample.Flipped);
        Lines("different", sample.Different);
        Lines("not run", sample.NotRun);
        Lines("problem", audit.Problems);
        Attempts(audit);
        Console.WriteLine(audit.Clean && sample.Clean ? "clean" : "NOT clean");
    }

    private static void Attempts(SweepAudit audit)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("batch", "token", "worker", "began", "seconds", "accepted", "shared", "late", "outcome", "reason");
        foreach (var attempt in audit.Attempts)
        {
            table.AddRow(
                Markup.Escape(attempt.BatchId), Text($"{attempt.Token}"), Markup.Escape(attempt.WorkerId), attempt.StartedAt.ToLocalTime().ToString("HH:mm:ss.fff", null),
                Text($"{(attempt.EndedAt - attempt.StartedAt)?.TotalSeconds:0.0}"), Text($"{attempt.RowsAccepted}"), Text($"{attempt.RowsShared}"), Text($"{attempt.RowsRejected}"),
                attempt.Outcome ?? "", Markup.Escape(attempt.Reason ?? ""));
        }

        AnsiConsole.Write(table);
    }

    private static void Lines(string kind, IEnumerable<string> lines)
    {
        var all = lines.ToArray();
        foreach (var line in all.Take(Most))
            Console.WriteLine($"  {kind,-9} {line}");
        if (all.Length > Most)
            Console.WriteLine(Text($"  {kind,-9} and {all.Length - Most} more (--json has all)"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
