using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging;

/// <summary>A coordinator's status as messages.</summary>
internal static class StatusReplies
{
    private const string Unknown = "Unknown";

    public static SweepStatusReply Of(SweepStatus status) => new()
    {
        SweepId = status.SweepId,
        Found = status.State != Unknown,
        State = status.State,
        Reason = status.Reason,
        Jobs = status.Jobs,
        RowsTotal = status.RowsTotal,
        RowsDone = status.RowsDone,
        BatchesTotal = status.BatchesTotal,
        BatchesDone = status.BatchesDone,
        BatchesLeased = status.BatchesLeased,
        BatchesSetAside = status.BatchesQuarantined,
    };

    public static SweepProgressed Progress(SweepStatus status, DateTimeOffset at) => new()
    {
        SweepId = status.SweepId,
        State = status.State,
        Reason = status.Reason,
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
