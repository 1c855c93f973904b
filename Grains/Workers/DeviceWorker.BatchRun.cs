using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Workers;

internal sealed partial class DeviceWorker
{
    /// <summary>One lease from its grant to its end, which is one of: completed, faulted, failed, given back, or lost.</summary>
    private sealed class BatchRun(DeviceWorker worker, IJobRunner runner, Lease lease)
    {
        /// <summary>What the coordinator is being told of the micro-batch before: the device does not wait for that.</summary>
        private Task _told = Task.CompletedTask;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                if (await RecordAllAsync(cancellationToken))
                    await EndAsync(BatchStatus.Completed, BatchProgress.Completed, null);
                else
                    await GiveBackAsync(worker._yielding ? "another sweep waits for its first turn" : "drained");
            }
            catch (LeaseLostException)
            {
                worker.LogLeaseLost(worker._workerId, lease.BatchId);
            }
            catch (OperationCanceledException) when (worker._aborting.IsCancellationRequested)
            {
                await GiveBackAsync("its time to drain is over");
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The coordinator took the lease away: nothing is to be said or written.
                worker.LogStopped(worker._workerId, lease.BatchId);
            }
            catch (JobFaultedException exception)
            {
                worker.Fault(exception.Message);
                await EndAsync(BatchStatus.Faulted, BatchProgress.Faulted, exception.Message);
            }
            catch (StoreUnavailableException exception)
            {
                await GiveBackAsync(exception.Message);
            }
            catch (Exception exception)
            {
                worker.LogWorkFailed(exception, worker._workerId, lease.BatchId);
                var reason = $"{exception.GetType().Name}: {exception.Message}";
                worker.Fault(reason);
                var digest = Digest(BatchProgress.Failed) with { Reason = reason };
                await _told;
                await worker.TellAsync(lease.SweepId, coordinator => coordinator.ReportAsync(digest), lease.DurationSeconds);
            }
        }

        /// <summary>Runs the batch micro-batch by micro-batch, and records each while the device is at the next. False: this worker is to stop here and something is left.</summary>
        private async Task<bool> RecordAllAsync(CancellationToken cancellationToken)
        {
            var batch = await worker._store.CallAsync(store => store.LoadBatchAsync(lease.BatchId, cancellationToken), worker.IsImpatient, cancellationToken);
            var recorded = await worker._store.CallAsync(store => store.ListRecordedAsync(batch, cancellationToken), worker.IsImpatient, cancellationToken);
            worker.Change(status => status with { MicroBatches = batch.MicroBatches.Count });
            using var going = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var recording = Task.CompletedTask;
            try
            {
                await using var results = runner.RunAsync(batch, recorded, going.Token).GetAsyncEnumerator(going.Token);
                for (var isLast = false; isLast || !(worker._yielding || worker._draining.IsCancellationRequested);)
                {
                    // The runner may compute for long before its first await.
                    if (!await Task.Run(async () => await results.MoveNextAsync(), CancellationToken.None))
                        return true;
                    var result = results.Current;
                    var last = isLast = result.Index == batch.MicroBatches.Count - 1;
                    var start = worker._time.GetTimestamp();
                    await recording;
                    var waited = worker._time.GetElapsedTime(start);
                    // The store may work for long before its first await, too.
                    recording = Task.Run(() => RecordAsync(result, waited, last, going, cancellationToken), CancellationToken.None);
                }

                return false;
            }
            finally
            {
                // Whatever ended the work, what is computed is recorded first; that the lease is lost says more than what the device then said.
                await recording;
            }
        }

        /// <param name="result">What is to be recorded.</param>
        /// <param name="waited">How long the device stood still for the micro-batch before this one.</param>
        /// <param name="isLast">Nothing runs beside this.</param>
        /// <param name="going">Ends the work beside it where this cannot be recorded.</param>
        private async Task RecordAsync(MicroBatchResult result, TimeSpan waited, bool isLast, CancellationTokenSource going, CancellationToken cancellationToken)
        {
            var start = worker._time.GetTimestamp();
            RecordOutcome outcome;
            try
            {
                outcome = await WriteAsync(result, cancellationToken);
                if (outcome.Late)
                    throw new LeaseLostException();
            }
            catch
            {
                await going.CancelAsync();
                throw;
            }

            worker.Change(status => status with
            {
                RowsDone = status.RowsDone + outcome.Accepted,
                Tokens = status.Tokens + result.Tokens,
                BusySeconds = status.BusySeconds + result.DeviceSeconds,
                ResidentModel = runner.ResidentModel,
                MicroBatchesDone = result.Index + 1,
                TokensPerSecond = result.DeviceSeconds > 0 ? result.Tokens / result.DeviceSeconds : status.TokensPerSecond,
            });
            var alone = isLast ? worker._time.GetElapsedTime(start) : TimeSpan.Zero;
            await _told;
            _told = worker.ReportAsync(Digest(BatchProgress.MicroBatch) with
            {
                Rows = outcome.Accepted,
                SharedRows = outcome.Shared,
                RecordSeconds = (waited + alone).TotalSeconds,
                Tokens = result.Tokens,
                DeviceSeconds = result.DeviceSeconds,
            });
        }

        private async Task<RecordOutcome> WriteAsync(MicroBatchResult result, CancellationToken cancellationToken)
        {
            using var activity = SweepTrace.Start("sweep.record", lease.SweepId);
            activity?.SetTag("sweep.batch", lease.BatchId).SetTag("sweep.micro_batch", result.Index);
            var outcome = await worker._store.CallAsync(store => store.RecordAsync(lease, result, cancellationToken), worker.IsImpatient, cancellationToken);
            activity?.SetTag("sweep.rows.accepted", outcome.Accepted).SetTag("sweep.rows.shared", outcome.Shared);
            if (outcome.Late)
            {
                activity.Fail("late: the lease is another worker's");
                worker._metrics.OnLateWrite(worker._device, result.Rows.Count);
            }
            else
            {
                worker._metrics.OnRecorded(worker._device, result, outcome);
            }

            return outcome;
        }

        /// <summary>Ends the lease in the store, then tells the coordinator; where the first fails, expiry of the lease does it later.</summary>
        private async Task EndAsync(BatchStatus status, BatchProgress progress, string? reason)
        {
            try
            {
                if (!await worker._store.CallAsync(store => store.EndLeaseAsync(lease, status, reason, CancellationToken.None), worker.IsImpatient, CancellationToken.None))
                {
                    worker.LogLeaseLost(worker._workerId, lease.BatchId);
                    return;
                }
            }
            catch (StoreUnavailableException exception)
            {
                worker.LogGivenBack(worker._workerId, lease.BatchId, exception.Message);
                return;
            }

            worker._metrics.OnEnded(worker._device, status);
            await _told;
            await worker.TellAsync(lease.SweepId, coordinator => coordinator.ReportAsync(Digest(progress) with { Reason = reason }), lease.DurationSeconds);
        }

        private async Task GiveBackAsync(string why)
        {
            worker.LogGivenBack(worker._workerId, lease.BatchId, why);
            await EndAsync(BatchStatus.Pending, BatchProgress.Released, null);
        }

        private BatchDigest Digest(BatchProgress progress) => new() { Lease = lease, Progress = progress, ResidentModel = runner.ResidentModel };
    }

    /// <summary>The store refused a write: the batch is another worker's.</summary>
    private sealed class LeaseLostException : Exception;
}
