using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

[Collection(SharedSystemTests.Name)]
public sealed class PoisonTests(SharedSystem shared)
{
    private const string Queue = "sweep.submit-sweep";

    [Theory]
    [InlineData("this is no JSON", "application/json")]
    [InlineData("""{"plan_text": 3}""", "application/json")]
    [InlineData("""{"no": "envelope"}""", "application/vnd.masstransit+json")]
    [InlineData("<plan/>", "application/xml")]
    public async Task Message_ThatCannotBeRead_GoesToTheErrorQueue_AndTheNextIsHandled(string body, string contentType)
    {
        var (_, client) = await shared.UseAsync();
        var name = $"after-{Math.Abs(string.GetHashCode(body + contentType, StringComparison.Ordinal))}";

        await client.PublishAsync(Queue, body, contentType: contentType);
        await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml(name) }));

        var (properties, kept) = await client.TakeErrorAsync(Queue);
        Assert.Equal(body, kept);
        Assert.NotNull(Header(properties, "MT-Fault-Message"));
        await client.HearAsync<SweepCompleted>(PlanTexts.SweepId(name));
    }

    [Fact]
    public async Task Command_ThatFailsEveryTime_EndsInTheErrorQueueWithAFault()
    {
        var (system, client) = await shared.UseAsync();
        var faults = await client.QueueAsync("sweep.faults.submit-sweep");
        var tries = 0;
        system.Tap.Failure = (method, arguments) => method == "SubmitAsync" && arguments[0] is SweepSubmission { Plan.Name: "poison" } && Interlocked.Increment(ref tries) > 0
            ? new InvalidOperationException("a bug of the store")
            : null;
        try
        {
            await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("poison") }), "0198f000-0000-7000-8000-000000000001");

            var (_, fault) = await client.TakeAsync(faults);
            var message = JsonSerializer.Deserialize<JsonElement>(fault).GetProperty("message");
            Assert.Equal("0198f000-0000-7000-8000-000000000001", message.GetProperty("faultedMessageId").GetString());
            Assert.Equal("a bug of the store", message.GetProperty("exceptions")[0].GetProperty("message").GetString());
            Assert.Equal(PlanTexts.Yaml("poison"), message.GetProperty("message").GetProperty("plan_text").GetString());
            var (properties, _) = await client.TakeErrorAsync(Queue);
            Assert.Equal("a bug of the store", Header(properties, "MT-Fault-Message"));
            Assert.Equal(4, tries);
        }
        finally
        {
            system.Tap.Failure = (_, _) => null;
        }
    }

    [Fact]
    public async Task Command_WhileTheStoreIsAway_WaitsAndIsCarriedOutOnce()
    {
        var (system, client) = await shared.UseAsync();
        var tries = 0;
        system.Tap.Failure = (method, arguments) => method == "SubmitAsync" && arguments[0] is SweepSubmission { Plan.Name: "patient" } && Interlocked.Increment(ref tries) <= 6
            ? new StoreUnavailableException("the store is away", new IOException())
            : null;
        try
        {
            await client.PublishAsync(Queue, JsonSerializer.Serialize(new { plan_text = PlanTexts.Yaml("patient") }), "patient-1");

            await client.HearAsync<SweepCompleted>(PlanTexts.SweepId("patient"));
        }
        finally
        {
            system.Tap.Failure = (_, _) => null;
        }

        Assert.Equal(7, tries);
        Assert.Single(client.Heard<SweepSubmitted>(PlanTexts.SweepId("patient")));
    }

    private static string? Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true ? value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString() : null;
}
