using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Plans.Reading;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

/// <summary>plans/plan.schema.json, which editors read, against what the reader takes.</summary>
public sealed class PlanSchemaTests
{
    private static readonly string Root = typeof(PlanSchemaTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!;

    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(Path.Combine(Root, "plans"), "*.yaml").Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Shipped))]
    public async Task Schema_ShippedPlan_IsValidAndReadable(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Root, "plans", file), TestContext.Current.CancellationToken);

        Assert.Empty(await Errors(text));
        Assert.NotEmpty(PlanReader.Read(text, file).Bottlenecks);
    }

    [Fact]
    public async Task Schema_DocumentedPlan_IsValidAndReadable()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Root, "plans", "README.md"), TestContext.Current.CancellationToken);
        var text = document.Split("```yaml\n")[1].Split("```")[0];

        Assert.Empty(await Errors(text));
        Assert.Equal(6, PlanReader.Read(text, "README.md").Bottlenecks.Count);
    }

    [Theory]
    [InlineData(PlanTexts.Valid)]
    [InlineData(PlanTexts.Full)]
    public async Task Schema_ReadablePlan_IsValid(string text) => Assert.Empty(await Errors(text));

    [Theory]
    [InlineData("scalars", "[0.5, x]")]
    [InlineData("name", "a b")]
    [InlineData("models", "models/mini")]
    [InlineData("unknown", "1")]
    [InlineData("precision", "fp8")]
    [InlineData("controls", "maybe")]
    [InlineData("smallest_effect", "{ points: 0 }")]
    [InlineData("hypotheses", "[]")]
    [InlineData("hypotheses", "[{ name: h, bottleneck: planted, direction: better }]")]
    [InlineData("hypotheses", "[{ name: h, statement: s, bottleneck: planted, direction: higher }]")]
    [InlineData("hypotheses", "[{ name: h, statement: s, bottleneck: planted, direction: better, benchmark: squad }]")]
    [InlineData("search", "tpe")]
    [InlineData("search", "{ method: racing, saving: 0.5 }")]
    [InlineData("search", "{ method: racing, round: 1 }")]
    [InlineData("search", "{ method: screening, items: 0 }")]
    public async Task Schema_BrokenPlan_IsRefusedByBoth(string field, string value)
    {
        var lines = PlanTexts.Valid.Split('\n').Where(line => !line.StartsWith(field + ":", StringComparison.Ordinal));
        var text = string.Join('\n', lines) + $"\n{field}: {value}";

        Assert.NotEmpty(await Errors(text));
        Assert.NotEmpty(PlanTexts.Problems(text));
    }

    [Fact]
    public async Task Schema_Fields_AreThoseOfTheRecords()
    {
        var schema = await Schema();
        Agree(typeof(SweepPlan), schema);
        Agree(typeof(BenchmarkPlan), schema.Definitions["benchmark"], "task");
        Agree(typeof(BottleneckPlan), schema.Definitions["bottleneck"], "top", "by", "random", "seeds");
        Agree(typeof(BottleneckPartPlan), schema.Definitions["part"], "top", "by", "random", "seeds");
        Agree(typeof(ChannelsPlan), schema.Definitions["channels"].OneOf.ElementAt(2));
        Agree(typeof(DecodingPlan), schema.Definitions["decoding"]);
        Agree(typeof(ControlsPlan), schema.Definitions["controls"]);
        Agree(typeof(CalibrationPlan), schema.Definitions["calibration"]);
        Agree(typeof(IdentifyPlan), schema.Definitions["identify"]);
        Agree(typeof(SplitPlan), schema.Definitions["split"]);
        Assert.Equal(
            [nameof(SearchPlan.Round)],
            typeof(SearchPlan).GetProperties().Select(property => property.Name).Where(name => !schema.Definitions["search"].Properties.ContainsKey(JsonNamingPolicy.SnakeCaseLower.ConvertName(name))));
        Agree(typeof(SmallestEffectPlan), schema.Definitions["smallestEffect"]);
        Agree(typeof(HypothesisPlan), schema.Definitions["hypothesis"]);
        Agree(typeof(BudgetPlan), schema.Definitions["budget"]);
    }

    [Fact]
    public async Task Schema_Words_AreThoseOfTheReader()
    {
        var schema = await Schema();
        Assert.Equal(PlanWords.Sites, schema.Definitions["site"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Operations, schema.Definitions["operation"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Positions, schema.Definitions["positions"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Benchmarks, schema.Definitions["benchmark"].Properties["name"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Directions, schema.Definitions["hypothesis"].Properties["direction"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Opponents, schema.Definitions["hypothesis"].Properties["against"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Searches, schema.Definitions["search"].Properties["method"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Searches, schema.Properties["search"].OneOf.First().Enumeration.Cast<string>());
        Assert.Equal(PlanWords.ChannelScores, schema.Definitions["bottleneck"].Properties["by"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.ChannelScores, schema.Definitions["part"].Properties["by"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.ChannelScores, schema.Definitions["channels"].OneOf.ElementAt(2).Properties["by"].Enumeration.Cast<string>());
        Assert.Equal(PlanWords.Precisions, schema.Properties["precision"].Enumeration.Cast<string>());
    }

    private static void Agree(Type record, JsonSchema schema, params string[] inline) =>
        Assert.Equal(
            record.GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)).Concat(inline).Order(StringComparer.Ordinal),
            schema.Properties.Keys.Order(StringComparer.Ordinal));

    private static Task<JsonSchema> Schema() => JsonSchema.FromFileAsync(Path.Combine(Root, "plans", "plan.schema.json"), TestContext.Current.CancellationToken);

    private static async Task<IEnumerable<string>> Errors(string yaml)
    {
        var reading = new PlanReading("p");
        var node = PlanParser.Parse(yaml, reading);
        Assert.Empty(reading.Problems);
        return (await Schema()).Validate(Json(node!)!.ToJsonString()).Select(error => error.ToString());
    }

    private static JsonNode? Json(PlanNode node) => node switch
    {
        ScalarNode { IsNull: true } => null,
        ScalarNode { Flag: { } flag } => flag,
        ScalarNode { Whole: { } whole } => whole,
        ScalarNode { Number: { } number } => number,
        ScalarNode text => text.Text,
        SequenceNode sequence => new JsonArray([.. sequence.Items.Select(Json)]),
        MappingNode mapping => new JsonObject(mapping.Fields.Select(field => KeyValuePair.Create(field.Name, Json(field.Value)))),
        _ => throw new ArgumentException(node.GetType().Name),
    };
}
