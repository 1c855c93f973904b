using Microsoft.Extensions.Logging;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Coordination;

internal sealed partial class SweepCoordinatorGrain
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: its stage {Stage} does not answer ({Reason})")]
    private partial void LogStageAway(string sweepId, string stage, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sweep {SweepId}: taken up in state {State} with {Batches} batches, {Leased} of them leased")]
    private partial void LogLoaded(string sweepId, SweepState state, int batches, int leased);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sweep {SweepId}: now {State}{Reason}")]
    private partial void LogState(string sweepId, SweepState state, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sweep {SweepId}: {Jobs} jobs, {Rows} rows, {Batches} batches to run")]
    private partial void LogRunning(string sweepId, int jobs, long rows, int batches);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: the store is away ({Reason}); trying again")]
    private partial void LogStoreAway(string sweepId, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Sweep {SweepId}: the scheduler did not answer ({Reason}); it is told again")]
    private partial void LogSchedulerAway(string sweepId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {BatchId}: the lease of worker {WorkerId} is over without an end")]
    private partial void LogLeaseExpired(string batchId, string workerId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {BatchId}: now {Status}, {Reason}")]
    private partial void LogBatchFailed(string batchId, BatchStatus status, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {BatchId}: faulted, {Reason}")]
    private partial void LogBatchFaulted(string batchId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: rows were missing after all batches; {Batches} further batches")]
    private partial void LogRepaired(string sweepId, int batches);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sweep {SweepId}: a look after it failed")]
    private partial void LogTickFailed(Exception exception, string sweepId);
}
