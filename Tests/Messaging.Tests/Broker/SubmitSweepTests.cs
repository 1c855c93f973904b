using System.Text.Json;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

[Collection(SharedSystemTests.Name)]
public sealed class SubmitSweepTests(SharedSystem shared)
{
    private const string Queue = "sweep.submit-sweep";

    [Fact]
    public async Task BareJson_InTheQueue_RunsTheSweepAndTellsOfIt()
    {
        var (system, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("bare");

        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("bare"), key = "bare-1" }), messageId: "any text");

        var submitted = await client.HearAsync<SweepSubmitted>(id);
        Assert.Equal(("bare", "local", "bare-1"), (submitted.GetProperty("name").GetString(), submitted.GetProperty("owner").GetString(), submitted.GetProperty("key").GetString()));
        var completed = await client.HearAsync<SweepCompleted>(id);
        Assert.Equal("Completed", completed.GetProperty("state").GetString());
        await system.EmptyOutboxAsync();
        var jobs = (await client.HearAsync<JobCompleted>(id, StubWork.Jobs)).Select(job => job.GetProperty("job_id").GetString()).ToList();
        Assert.Equal((StubWork.Jobs, StubWork.Jobs), (jobs.Count, jobs.Distinct().Count()));
        var events = client.Events;
        Assert.Equal(events.Count, events.Select(heard => heard.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task Envelope_WithAStructuredPlan_RunsTheSweepUnderItsOwner()
    {
        var (system, client) = await shared.UseAsync();
        var plan = JsonSerializer.Deserialize<JsonElement>("""
            {"name": "envelope", "models": ["models/mini"], "benchmarks": [{"name": "squad", "data": "squad.json"}],
             "bottlenecks": [{"name": "chosen", "layer": 1, "channels": [1, 2]}], "scalars": [0.5], "controls": "off"}
            """);

        await system.Bus.Publish(new SubmitSweep { Plan = plan, Owner = "ada" }, TestContext.Current.CancellationToken);

        var submitted = await client.HearAsync<SweepSubmitted>(message => message.GetProperty("name").GetString() == "envelope");
        Assert.Equal("ada", submitted.GetProperty("owner").GetString());
        await client.HearAsync<SweepCompleted>(submitted.GetProperty("sweep_id").GetString()!);
    }

    [Theory]
    [InlineData("same-message", "id-1", "id-1", null, null)]
    [InlineData("same-key", "id-2", "id-3", "key-1", "key-1")]
    public async Task Duplicate_ByMessageIdOrByKey_CreatesOneSweep(string name, string firstId, string secondId, string? firstKey, string? secondKey)
    {
        var (system, client) = await shared.UseAsync();

        // The plans differ: were the second command taken for new, there would be two sweeps.
        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml(name), key = firstKey }), firstId);
        await client.HearAsync<SweepCompleted>(PlanTexts.SweepId(name));
        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml(name + "-again"), key = secondKey }), secondId);
        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml(name + "-last") }), "id-last-" + name);

        await client.HearAsync<SweepCompleted>(PlanTexts.SweepId(name + "-last"));
        await system.EmptyOutboxAsync();
        Assert.Single(client.Heard<SweepSubmitted>(PlanTexts.SweepId(name)));
        Assert.Null(await system.Store.FindSweepAsync(PlanTexts.SweepId(name + "-again"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WrongCommand_IsRejectedWithEveryProblem()
    {
        var (system, client) = await shared.UseAsync();

        await client.PublishAsync(Queue, """{"plan": {"name": "not a name", "models": [], "benchmarks": [], "bottlenecks": []}, "key": "wrong-1", "prio": 3}""", messageId: "wrong", contentType: null);

        var rejected = await client.HearAsync<SweepRejected>(message => message.TryGetProperty("command_id", out var by) && by.GetString() == "wrong");
        Assert.Equal(("submit-sweep", "wrong-1"), (rejected.GetProperty("command").GetString(), rejected.GetProperty("key").GetString()));
        Assert.Equal(
            [
                "found unknown member 'prio', expected key, plan, plan_text or owner",
                "plan:1:10: name: found 'not a name', expected 1 to 80 letters, digits, '-', '_' and '.'",
                "plan:1:34: models: found an empty list, expected at least a model folder",
                "plan:1:52: benchmarks: found an empty list, expected at least a benchmark",
                "plan:1:71: bottlenecks: found an empty list, expected at least a bottleneck",
            ],
            rejected.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()));
        Assert.DoesNotContain(await system.Store.ListSweepsAsync(TestContext.Current.CancellationToken), sweep => sweep.Plan.Name == "not a name");
    }

    [Fact]
    public async Task PlanWhoseFilesAreMissing_IsRejectedAfterItWasSubmitted()
    {
        var (_, client) = await shared.UseAsync();
        var id = Contracts.Plans.SweepIds.Of(Contracts.Plans.PlanReader.Read(PlanTexts.Yaml("unresolved", model: "missing"), "p"));

        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("unresolved", model: "missing") }));

        var rejected = await client.HearAsync<SweepRejected>(id);
        Assert.Equal(2, rejected.GetProperty("problems").GetArrayLength());
        Assert.Equal("Faulted", (await client.HearAsync<SweepCompleted>(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task SweepThatWasCanceled_SubmittedAgain_RunsAgain_ButNotByADuplicate()
    {
        var (system, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("again");
        var body = JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("again") });
        using (system.Work.Hold())
        {
            await client.PublishAsync(Queue, body, "again-1");
            await system.StateAsync(id, SweepState.Running);
            await client.PublishAsync("sweep.cancel-sweep", $$"""{"sweep_id": "{{id}}"}""");
            await client.HearAsync<SweepCompleted>(id);
        }

        await client.PublishAsync(Queue, body, "again-1");
        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("again-other") }), "again-2");
        await client.HearAsync<SweepCompleted>(PlanTexts.SweepId("again-other"));
        Assert.Equal(SweepState.Canceled, (await system.Store.FindSweepAsync(id, TestContext.Current.CancellationToken))!.State);

        await client.PublishAsync(Queue, body, "again-3");
        await system.StateAsync(id, SweepState.Completed);
    }

    [Fact]
    public async Task Batch_ThatFaults_IsToldOfByItsJobs()
    {
        var (system, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("faulty");
        system.Work.Fault = "the data file has changed";
        try
        {
            await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("faulty") }));

            Assert.Equal("Faulted", (await client.HearAsync<SweepCompleted>(id)).GetProperty("state").GetString());
        }
        finally
        {
            system.Work.Fault = null;
        }

        await system.EmptyOutboxAsync();
        Assert.Equal(StubWork.Jobs, (await client.HearAsync<JobFaulted>(id, StubWork.Jobs)).Count(job => job.GetProperty("reason").GetString() == "the data file has changed"));
    }
}
