using System.Text.Json;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

[Collection(SharedSystemTests.Name)]
public sealed class StateCommandTests(SharedSystem shared)
{
    [Fact]
    public async Task PauseAndResume_ByMessages_StopAndContinueTheSweep_AndALateDuplicateChangesNothing()
    {
        var (system, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("paused");
        var command = $$"""{"sweep_id": "{{id}}"}""";
        using (system.Work.Hold())
        {
            await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("paused") }));
            await system.StateAsync(id, SweepState.Running);

            await client.PublishAsync("sweep.pause-sweep", command, "pause-1");
            Assert.Equal("paused in Running", (await system.StateAsync(id, SweepState.Paused)).Reason);
            await client.HearAsync<SweepProgressed>(message => message.GetProperty("sweep_id").GetString() == id && message.GetProperty("state").GetString() == "Paused");

            await client.PublishAsync("sweep.resume-sweep", command, "resume-1");
            await system.StateAsync(id, SweepState.Running);
            await client.PublishAsync("sweep.pause-sweep", command, "pause-1");

            // The queue is worked on in order by then: the duplicate was there before this one.
            await client.PublishAsync("sweep.pause-sweep", """{"sweep_id": "none"}""", "pause-2");
            await client.HearAsync<SweepRejected>(message => message.TryGetProperty("command_id", out var by) && by.GetString() == "pause-2");
        }

        Assert.Equal("Completed", (await client.HearAsync<SweepCompleted>(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Cancel_OfARunningSweep_StopsItsWorker()
    {
        var (system, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("canceled");
        using (system.Work.Hold())
        {
            await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("canceled") }));
            await system.UntilAsync("a lease", async () => (await system.Store.ListBatchesAsync(id, TestContext.Current.CancellationToken)).Any(batch => batch.Status == BatchStatus.Leased));

            await client.PublishAsync("sweep.cancel-sweep", $$"""{"sweep_id": "{{id}}"}""");

            var completed = await client.HearAsync<SweepCompleted>(id);
            Assert.Equal(("Canceled", "canceled by request"), (completed.GetProperty("state").GetString(), completed.GetProperty("reason").GetString()));
            await system.UntilAsync("no lease", async () => (await system.Store.ListBatchesAsync(id, TestContext.Current.CancellationToken)).All(batch => batch.Status != BatchStatus.Leased));
        }
    }

    [Theory]
    [InlineData("cancel-sweep")]
    [InlineData("pause-sweep")]
    [InlineData("resume-sweep")]
    public async Task Command_ForAnUnknownSweep_IsRejected(string command)
    {
        var (_, client) = await shared.UseAsync();

        await client.PublishAsync($"sweep.{command}", """{"sweep_id": "nobody-0000000000"}""", $"unknown-{command}");

        var rejected = await client.HearAsync<SweepRejected>(message => message.TryGetProperty("command_id", out var by) && by.GetString() == $"unknown-{command}");
        Assert.Equal((command, "nobody-0000000000"), (rejected.GetProperty("command").GetString(), rejected.GetProperty("sweep_id").GetString()));
    }

    [Fact]
    public async Task Resume_OfASweepThatIsNotPaused_IsRejectedWithItsState()
    {
        var (_, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("over");
        await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("over") }));
        await client.HearAsync<SweepCompleted>(id);

        await client.PublishAsync("sweep.resume-sweep", $$"""{"sweep_id": "{{id}}"}""", "resume-over");

        var rejected = await client.HearAsync<SweepRejected>(message => message.TryGetProperty("command_id", out var by) && by.GetString() == "resume-over");
        Assert.Equal($"sweep '{id}': found it Completed, expected it Paused", Assert.Single(rejected.GetProperty("problems").EnumerateArray().ToList()).GetString());
    }
}
