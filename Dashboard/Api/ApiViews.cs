using Sweep.Contracts.Grains;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Api;

/// <summary>A sweep as the API tells of it.</summary>
internal sealed record SweepView
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public required SweepState State { get; init; }

    public string? Reason { get; init; }

    public string? Key { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public static SweepView Of(SweepRecord sweep) => new()
    {
        Id = sweep.Id,
        Name = sweep.Plan.Name,
        Owner = sweep.Plan.Owner,
        State = sweep.State,
        Reason = sweep.Reason,
        Key = sweep.SubmitKey,
        SubmittedAt = sweep.SubmittedAt,
        FinishedAt = sweep.FinishedAt,
    };
}

/// <summary>A sweep with what it costs and how far it is.</summary>
internal sealed record SweepDetail
{
    public required SweepView Sweep { get; init; }

    public required SweepCost Cost { get; init; }

    /// <summary>Absent: the sweep is at its end, or no silo answered.</summary>
    public SweepStatus? Progress { get; init; }
}

internal sealed record SweepPage
{
    public required IReadOnlyList<SweepView> Sweeps { get; init; }

    /// <summary>What to give as "after" for those that follow; absent: there are none.</summary>
    public string? Next { get; init; }
}

/// <summary>What became of a submission.</summary>
internal sealed record SubmissionView
{
    public required string SweepId { get; init; }

    /// <summary>False: the store had it already; it goes on where it was.</summary>
    public required bool Created { get; init; }
}

/// <summary>A row of the ledger.</summary>
internal sealed record ItemView
{
    public required JobId Job { get; init; }

    public required string Item { get; init; }

    public required string PromptHash { get; init; }

    public string? Response { get; init; }

    /// <summary>In place of response where the model's bytes are no UTF-8.</summary>
    public string? ResponseBase64 { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public double? LogLikelihood { get; init; }

    public int? LogLikelihoodTokens { get; init; }

    public required string Flags { get; init; }

    public required ReceiptRow Receipt { get; init; }

    public PairScore? Pair { get; init; }

    public static ItemView Of(ItemResult row)
    {
        string? text = null;
        var isText = row.Response is { } bytes && ResponseText.TryDecode(bytes, out text);
        return new ItemView
        {
            Job = row.JobId,
            Item = row.ItemId,
            PromptHash = row.PromptHash,
            Response = isText ? text : null,
            ResponseBase64 = row.Response is null || isText ? null : Convert.ToBase64String(row.Response),
            Metrics = row.Metrics,
            LogLikelihood = row.LogLikelihood,
            LogLikelihoodTokens = row.LogLikelihoodTokens,
            Flags = row.Flags.ToString(),
            Receipt = row.Receipt,
            Pair = row.Pair,
        };
    }
}

internal sealed record CellPage
{
    public required IReadOnlyList<SummaryCell> Cells { get; init; }

    /// <summary>What to give as "after" for those that follow; absent: there are none.</summary>
    public int? Next { get; init; }
}

internal sealed record ItemPage
{
    public required IReadOnlyList<ItemView> Items { get; init; }

    /// <summary>What to give as "after" for those that follow; absent: there are none.</summary>
    public string? Next { get; init; }
}

/// <summary>What waits.</summary>
internal sealed record QueueView
{
    /// <summary>Events that wait to be sent.</summary>
    public required int Messages { get; init; }

    public double? OldestMessageSeconds { get; init; }

    /// <summary>The broker's queues of commands.</summary>
    public required BrokerQueues Broker { get; init; }

    /// <summary>Plans that were refused before a sweep came of them, newest first.</summary>
    public required IReadOnlyList<JournalEntry> Rejected { get; init; }

    /// <summary>Sweeps that are not at their end, oldest first.</summary>
    public required IReadOnlyList<QueuedSweep> Sweeps { get; init; }
}

internal sealed record QueuedSweep
{
    public required SweepView Sweep { get; init; }

    public required int BatchesPending { get; init; }

    public required int BatchesLeased { get; init; }

    /// <summary>Quarantined and faulted ones.</summary>
    public required IReadOnlyList<BatchRecord> SetAside { get; init; }
}

/// <summary>Who asks.</summary>
internal sealed record SessionView
{
    public required string Name { get; init; }

    public required AccessRole Role { get; init; }

    /// <summary>Of a session with a cookie: what changes must carry in the header of this name.</summary>
    public string? AntiforgeryHeader { get; init; }

    public string? AntiforgeryToken { get; init; }
}

internal sealed record JournalPage
{
    public required IReadOnlyList<JournalEntry> Entries { get; init; }

    /// <summary>What to give as "before" for earlier ones; absent: there are none.</summary>
    public long? Next { get; init; }
}
