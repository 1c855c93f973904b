using System.Text.Json;
using MassTransit;
using Sweep.Contracts.Messages;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

[Collection(SharedSystemTests.Name)]
public sealed class RequestTests(SharedSystem shared)
{
    [Fact]
    public async Task GetSweepStatus_OfMassTransit_IsAnswered()
    {
        var (system, client) = await shared.UseAsync();
        var id = PlanTexts.SweepId("asked");
        await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("asked") }));
        await client.HearAsync<SweepCompleted>(id);

        var requests = system.Bus.CreateRequestClient<GetSweepStatus>();
        var known = await requests.GetResponse<SweepStatusReply>(new GetSweepStatus { SweepId = id }, TestContext.Current.CancellationToken);
        var unknown = await requests.GetResponse<SweepStatusReply>(new GetSweepStatus { SweepId = "nobody" }, TestContext.Current.CancellationToken);

        Assert.Equal((true, "Completed", StubWork.Jobs, (long)StubWork.Rows, (long)StubWork.Rows), (known.Message.Found, known.Message.State, known.Message.Jobs, known.Message.RowsTotal, known.Message.RowsDone));
        Assert.Equal((false, "Unknown"), (unknown.Message.Found, unknown.Message.State));
    }

    [Fact]
    public async Task SubmitSweep_OfMassTransit_IsAnsweredByWhatBecameOfIt()
    {
        var (system, _) = await shared.UseAsync();
        var requests = system.Bus.CreateRequestClient<SubmitSweep>();

        var accepted = await requests.GetResponse<SweepSubmitted, SweepRejected>(new SubmitSweep { PlanText = PlanTexts.Yaml("answered") }, TestContext.Current.CancellationToken);
        var refused = await requests.GetResponse<SweepSubmitted, SweepRejected>(new SubmitSweep(), TestContext.Current.CancellationToken);

        Assert.True(accepted.Is(out Response<SweepSubmitted>? submitted));
        Assert.Equal(PlanTexts.SweepId("answered"), submitted.Message.SweepId);
        Assert.True(refused.Is(out Response<SweepRejected>? rejected));
        Assert.Equal(["plan: found neither plan nor plan_text, expected one of them"], rejected.Message.Problems);
    }

    [Theory]
    [InlineData("sweep.get-sweep-status", """{"sweep_id": "nobody"}""", "Unknown")]
    [InlineData("sweep.pause-sweep", """{"sweep_id": "nobody"}""", "expected a sweep that is in the store")]
    public async Task Command_WithReplyTo_IsAnsweredInBareJson(string queue, string body, string answer)
    {
        var (_, client) = await shared.UseAsync();
        var replies = await client.QueueAsync();

        await client.PublishAsync(queue, body, replyTo: replies, correlationId: "my own text");

        var (properties, reply) = await client.TakeAsync(replies);
        Assert.Equal(("my own text", "application/json"), (properties.CorrelationId, properties.ContentType));
        Assert.Contains(answer, reply, StringComparison.Ordinal);
        Assert.True(JsonSerializer.Deserialize<JsonElement>(reply).TryGetProperty("sweep_id", out _));
    }

    [Fact]
    public async Task Command_WithAReplyToThatIsGone_IsCarriedOutAllTheSame()
    {
        var (_, client) = await shared.UseAsync();

        await client.PublishAsync("sweep.submit-sweep", JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("unheard") }), replyTo: "a-queue-that-is-gone");

        await client.HearAsync<SweepCompleted>(PlanTexts.SweepId("unheard"));
    }
}
