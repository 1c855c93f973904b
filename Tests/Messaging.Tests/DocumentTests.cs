using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Hosting.Messaging;
using Xunit;

namespace Sweep.Messaging.Tests;

public sealed class DocumentTests
{
    public static TheoryData<string> Messages => [.. MessageNames.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Example_OfEveryMessage_IsThatMessageAndShowsAllOfIt(string name)
    {
        Assert.True(DocumentedMessages.Examples.TryGetValue(name, out var json), $"docs/messages.md has no example of {name}");
        var type = MessageNames.All.Single(type => type.Name == name);

        var message = JsonSerializer.Deserialize(json, type, MessageJson.Options);

        // What is written again is what was read: no member of the example was unknown or lost.
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), WithoutNulls(JsonSerializer.SerializeToNode(message, type, MessageJson.Options)!)), json);
    }

    [Fact]
    public void Examples_OfCommands_AreAccepted()
    {
        var submitted = SubmissionReader.Read(JsonSerializer.Deserialize<SubmitSweep>(DocumentedMessages.Examples["SubmitSweep"], MessageJson.Options)!);

        Assert.Equal("ada", submitted.Plan.Owner);
    }

    [Fact]
    public void Document_NamesEveryQueueAndNoOther()
    {
        var queues = new[] { EntityNames.Queue<SubmitSweep>(), EntityNames.Queue<RunExperiment>(), EntityNames.Queue<CancelSweep>(), EntityNames.Queue<PauseSweep>(), EntityNames.Queue<ResumeSweep>(), EntityNames.Queue<GetSweepStatus>() };
        var written = DocumentedMessages.Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Contains("| `sweep.", StringComparison.Ordinal)).Select(line => line.Split('`')[3]);

        Assert.Equal(queues.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Document_NamesEverySetting()
    {
        var settings = typeof(MessagingOptions).GetProperties().Where(property => property.CanWrite && property.GetSetMethod() is not null).Select(property => property.Name);

        Assert.DoesNotContain(settings, setting => !DocumentedMessages.Text.Contains($"`{setting}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_OfTheReadme_IsReadAsTheSweepIdSays() =>
        Assert.Matches("^trial-[0-9a-f]{10}$", SweepIds.Of(SubmissionReader.Read(JsonSerializer.Deserialize<SubmitSweep>(DocumentedMessages.Examples["SubmitSweep"], MessageJson.Options)!).Plan));

    private static JsonObject WithoutNulls(JsonNode node) =>
        new(node.AsObject().Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)member.Value!.DeepClone())));
}
