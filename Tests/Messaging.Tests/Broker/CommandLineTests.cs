using System.Text.Json;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Tests;
using Sweep.Tests.RabbitMq;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

[Collection(SharedSystemTests.Name)]
public sealed class CommandLineTests(SharedSystem shared, RabbitMqFixture broker)
{
    [Theory]
    [InlineData("queue")]
    [InlineData("cluster")]
    public async Task Submit_ThenWatch_FollowsTheSweepToItsEnd(string via)
    {
        var (system, _) = await shared.UseAsync();
        using var folder = new TemporaryFolder();
        var address = await broker.AddressAsync();
        var plan = folder.Write("plan.yaml", PlanTexts.Yaml($"typed-{via}"));
        var id = PlanTexts.SweepId($"typed-{via}");
        var hold = system.Work.Hold();

        var submitted = await SweepCommand.RunAsync(address, system, "submit", plan, "--via", via, "--key", $"typed-{via}");
        Assert.Equal((0, $"{id} submitted\n"), (submitted.ExitCode, submitted.Output));
        await system.StateAsync(id, SweepState.Running);
        using var watching = SweepCommand.Start(address, system, "watch", id, "--via", via, "--json");
        hold.Dispose();
        var watched = await watching.EndAsync();

        Assert.True(watched.ExitCode == 0, watched.Error);
        var statuses = watched.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<SweepStatusReply>(line, MessageJson.Options)!).ToList();
        Assert.All(statuses, status => Assert.Equal(id, status.SweepId));
        Assert.Equal(("Completed", StubWork.Rows), (statuses[^1].State, statuses[^1].RowsDone));
    }

    [Fact]
    public async Task Watch_OfTheStore_ShowsASweepThatHasEnded()
    {
        var (system, client) = await shared.UseAsync();
        await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("stored") }));
        await client.HearAsync<SweepCompleted>(PlanTexts.SweepId("stored"));

        var watched = await SweepCommand.RunAsync(await broker.AddressAsync(), system, "watch", "stored", "--via", "store", "--store", system.StorePath);

        Assert.True(watched.ExitCode == 0, watched.Error);
        Assert.Equal($"{PlanTexts.SweepId("stored")}: completed, {StubWork.Rows} of {StubWork.Rows} items (100%)\n", watched.Output.Replace(" %", "%", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("cluster")]
    public async Task PauseResumeCancel_ChangeARunningSweep(string via)
    {
        var (system, client) = await shared.UseAsync();
        var address = await broker.AddressAsync();
        var id = PlanTexts.SweepId($"commanded-{via}");
        using (system.Work.Hold())
        {
            await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml($"commanded-{via}") }));
            await system.StateAsync(id, SweepState.Running);

            Assert.Equal(0, (await SweepCommand.RunAsync(address, system, "pause", id, "--via", via)).ExitCode);
            await system.StateAsync(id, SweepState.Paused);
            Assert.Equal(0, (await SweepCommand.RunAsync(address, system, "resume", id, "--via", via)).ExitCode);
            await system.StateAsync(id, SweepState.Running);
            Assert.Equal(0, (await SweepCommand.RunAsync(address, system, "cancel", id, "--via", via)).ExitCode);
            await system.StateAsync(id, SweepState.Canceled);
        }
    }

    [Fact]
    public async Task Commands_ThatCannotBe_SayWhy()
    {
        var (system, _) = await shared.UseAsync();
        using var folder = new TemporaryFolder();
        var address = await broker.AddressAsync();

        var wrongPlan = await SweepCommand.RunAsync(address, system, "submit", folder.Write("wrong.yaml", "name: two words\nmodels: []\nbenchmarks: []\nbottlenecks: []\n"));
        var wrongRoute = await SweepCommand.RunAsync(address, system, "submit", "plan.yaml", "--via", "store");
        var nobody = await SweepCommand.RunAsync(address, system, "watch", "nobody-0000000000");
        var unknown = await SweepCommand.RunAsync(address, system, "pause", "nobody-0000000000", "--via", "cluster");

        Assert.Equal((2, 4), (wrongPlan.ExitCode, wrongPlan.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal((2, "sweep: --via: found 'store', expected queue, cluster\n('sweep submit --help' says how it is used)\n"), (wrongRoute.ExitCode, wrongRoute.Error));
        Assert.Equal((2, "sweep: nobody-0000000000: there is no sweep with this id in the store\n"), (nobody.ExitCode, nobody.Error));
        Assert.Equal((2, "sweep: nobody-0000000000: there is no sweep with this id in the store\n"), (unknown.ExitCode, unknown.Error));
    }
}
