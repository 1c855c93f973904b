using Sweep.Contracts.Messages;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

[Collection(SharedSystemTests.Name)]
public sealed class ExperimentTests(SharedSystem shared)
{
    private const string Queue = "sweep.run-experiment";

    [Fact]
    public async Task DocumentedExperiment_RunsTheTemplatesPlan()
    {
        var (system, client) = await shared.UseAsync();

        await client.PublishAsync(Queue, DocumentedMessages.Examples["RunExperiment"], "experiment-1");

        var submitted = await client.HearAsync<SweepSubmitted>(message => message.TryGetProperty("key", out var key) && key.GetString() == "layer-2");
        Assert.Equal(("steer-mamba-mini-2", "ada"), (submitted.GetProperty("name").GetString(), submitted.GetProperty("owner").GetString()));
        await client.HearAsync<SweepCompleted>(submitted.GetProperty("sweep_id").GetString()!);
        var sweep = await system.Store.FindSweepAsync(submitted.GetProperty("sweep_id").GetString()!, TestContext.Current.CancellationToken);
        Assert.Equal(24, sweep!.Plan.Benchmarks[0].Items);
    }

    [Fact]
    public async Task Experiment_OutOfItsTemplatesBounds_IsRejectedWithEveryProblem()
    {
        var (_, client) = await shared.UseAsync();

        await client.PublishAsync(Queue, """{"template": "steer-one-layer", "parameters": {"model": "../../etc", "layer": 99, "items": "all"}}""", "experiment-2");

        var rejected = await client.HearAsync<SweepRejected>(message => message.TryGetProperty("command_id", out var by) && by.GetString() == "experiment-2");
        Assert.Equal("run-experiment", rejected.GetProperty("command").GetString());
        Assert.Equal(
            [
                "parameters.model: found '../../etc', expected mamba-mini or mamba-mini-planted",
                "parameters.layer: found 99, expected a whole number from 0 to 11",
                "parameters.channels: found none, expected a list of 1 to 64, each a whole number from 0 to 191",
                "parameters.items: found 'all', expected a whole number from 1 to 200",
            ],
            rejected.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()));
    }
}
