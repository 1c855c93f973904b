using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging;

/// <summary>A sweep's status in its several forms.</summary>
public static class StatusReplies
{
    private const string Unknown = "Unknown";

    public static SweepStatusReply Of(SweepStatus status) => Of(Progress(status, at: default)) with { Found = status.State != Unknown };

    public static SweepStatusReply Of(SweepProgressed progress) => new()
    {
        SweepId = progress.SweepId,
        Found = true,
        State = progress.State,
        Reason = progress.Reason,
        Hindrance = progress.Hindrance,
        Stage = progress.Stage,
        Jobs = progress.Jobs,
        RowsTotal = progress.RowsTotal,
        RowsDone = progress.RowsDone,
        BatchesTotal = progress.BatchesTotal,
        BatchesDone = progress.BatchesDone,
        BatchesLeased = progress.BatchesLeased,
        BatchesSetAside = progress.BatchesSetAside,
    };

    public static SweepProgressed Progress(SweepStatus status, DateTimeOffset at) => new()
    {
        SweepId = status.SweepId,
        State = status.State,
        Reason = status.Reason,
        Hindrance = status.Hindrance,
        Stage = status.Stage,
        Jobs = status.Jobs,
        RowsTotal = status.RowsTotal,
        RowsDone = status.RowsDone,
        BatchesTotal = status.BatchesTotal,
        BatchesDone = status.BatchesDone,
        BatchesLeased = status.BatchesLeased,
        BatchesSetAside = status.BatchesQuarantined,
        At = at,
    };
}
