using System.Text.Json;
using Sweep.Cluster.Tests.Processes;
using Sweep.Contracts.Diagnostics;
using Xunit;

namespace Sweep.Cluster.Tests.Operations;

[Collection(RunningCluster.Name)]
public sealed class TelemetryTests(RunningCluster running)
{
    [Fact]
    public async Task Metrics_AfterASweep_SayWhatTheStoreSays()
    {
        var cost = await running.Cluster.Store.ReadCostAsync(running.SweepId, TestContext.Current.CancellationToken);
        var worker = await running.Worker.ReadMetricsAsync();
        Assert.Equal(TinyPlan.Rows(RunningCluster.Items), worker["""sweep_rows_total{device="cpu:0",outcome="accepted"}"""]);
        Assert.Equal(0, worker["""sweep_rows_total{device="cpu:0",outcome="shared"}"""]);
        Assert.Equal(0, worker["""sweep_late_writes_total{device="cpu:0"}"""]);
        Assert.Equal(cost.Tokens, worker["""sweep_tokens_total{device="cpu:0"}"""]);
        Assert.Equal(cost.DeviceSeconds, worker["""sweep_device_busy_seconds_total{device="cpu:0"}"""], 6);
        Assert.True(worker["""sweep_tokens_per_second{device="cpu:0"}"""] > 0);
        Assert.Equal(1, worker["""sweep_model_loads_total{device="cpu:0"}"""]);
        Assert.Equal(1, worker["""sweep_model_load_time_seconds_count{device="cpu:0"}"""]);
        Assert.InRange(worker["""sweep_device_memory_bytes{device="cpu:0",state="used"}"""], 1 << 20, worker["""sweep_device_memory_bytes{device="cpu:0",state="total"}"""]);

        var coordinator = await running.Coordinator.ReadMetricsAsync();
        Assert.Equal(cost.Attempts, coordinator["sweep_leases_granted_total"]);
        Assert.Equal(cost.Attempts, worker["""sweep_batches_ended_total{device="cpu:0",status="completed"}"""]);
        Assert.Equal((0, 0), (coordinator["sweep_leases_expired_total"], coordinator["sweep_batches_quarantined_total"]));
        Assert.Equal((0, 0, 0), (coordinator["sweep_sweeps_active"], coordinator["sweep_jobs_active"], coordinator["sweep_queue_depth"]));
        Assert.Equal((0, 0), (coordinator["sweep_leases_active"], coordinator["sweep_lease_oldest_age_seconds"]));
        Assert.Equal((0, 0, 0), (coordinator["sweep_outbox_messages"], coordinator["sweep_outbox_oldest_age_seconds"], coordinator["sweep_store_unanswered_total"]));
    }

    [Fact]
    public async Task Trace_OfASweep_IsOneFromItsSubmissionToItsRowsAndHoldsNothingElse()
    {
        var trace = SweepTrace.ContextOf(running.SweepId).TraceId.ToHexString();
        await running.Cluster.UntilAsync("the spans", () => Task.FromResult(running.Collector.Spans.Count(span => span.Name == "sweep.summarize") == 1));
        var spans = running.Collector.Spans;
        Assert.All(spans, span => Assert.Equal(trace, span.TraceId));

        var ours = spans.Where(span => span.Name.StartsWith("sweep.", StringComparison.Ordinal)).GroupBy(span => span.Name).ToDictionary(group => group.Key, group => group.ToList());
        var cost = await running.Cluster.Store.ReadCostAsync(running.SweepId, TestContext.Current.CancellationToken);
        Assert.Equal(["sweep.batch", "sweep.record", "sweep.resolve", "sweep.summarize"], ours.Keys.Order());
        Assert.Equal((1, cost.Attempts), (ours["sweep.resolve"].Count, ours["sweep.batch"].Count));

        // Every record lies in a batch, and the statements of its transaction in it.
        Assert.All(ours["sweep.record"], record => Assert.Contains(ours["sweep.batch"], batch => batch.Id == record.ParentId));
        Assert.All(ours["sweep.record"], record => Assert.Contains(spans, span => span.ParentId == record.Id));
    }

    [Fact]
    public void Logs_InJson_AreOneObjectALine()
    {
        var lines = running.Worker.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.NotEqual("", JsonDocument.Parse(line).RootElement.GetProperty("Category").GetString()));
    }
}
