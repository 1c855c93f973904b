using System.Text.Json;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Plans.Templates;
using Sweep.Contracts.Tests.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Messages;

public sealed class SubmissionReaderTests
{
    private const string StructuredPlan = """
        {"name": "trial", "models": ["models/mini"], "benchmarks": [{"name": "squad", "data": "data/squad.json"}],
         "bottlenecks": [{"name": "planted", "layer": 8, "channels": [3, 5]}], "scalars": [0.5, 1, 2]}
        """;

    [Fact]
    public void Read_OfTextAndOfStructure_IsTheSameSweep()
    {
        var text = SubmissionReader.Read(new SubmitSweep { PlanText = PlanTexts.Valid });
        var structured = SubmissionReader.Read(Command($$"""{"plan": {{StructuredPlan}}, "plan_text": null, "key": null, "owner": null}"""));

        Assert.Equal(text.SweepId, structured.SweepId);
        Assert.Equal(PlanTexts.Valid, text.Text);
        Assert.Equal(StructuredPlan, structured.Text);
    }

    [Fact]
    public void Read_WithAnOwner_ReplacesThePlans()
    {
        var submitted = SubmissionReader.Read(new SubmitSweep { PlanText = PlanTexts.Valid + "\nowner: ada", Owner = "grace" });

        Assert.Equal("grace", submitted.Plan.Owner);
        Assert.NotEqual(SubmissionReader.Read(new SubmitSweep { PlanText = PlanTexts.Valid }).SweepId, submitted.SweepId);
    }

    [Fact]
    public void Read_OfAWrongCommand_NamesEveryProblemAtOnce()
    {
        var refused = Assert.Throws<InvalidPlanException>(() => SubmissionReader.Read(Command(
            """{"plan": {"name": "a b", "models": []}, "key": " ", "keey": "k", "priority": 3}""")));

        Assert.Equal(
            [
                "found unknown member 'keey', expected key, plan, plan_text or owner",
                "found unknown member 'priority', expected key, plan, plan_text or owner",
                "key: found ' ', expected 1 to 200 characters in one line",
                "plan:1:1: benchmarks: found no field 'benchmarks', expected a list of benchmarks",
                "plan:1:1: bottlenecks: found no field 'bottlenecks', expected a list of bottlenecks",
                "plan:1:10: name: found 'a b', expected 1 to 80 letters, digits, '-', '_' and '.'",
                "plan:1:27: models: found an empty list, expected at least a model folder",
            ],
            refused.Problems);
    }

    [Theory]
    [InlineData("{}", "plan: found neither plan nor plan_text, expected one of them")]
    [InlineData("""{"plan": {}, "plan_text": ""}""", "plan: found both plan and plan_text, expected one of them")]
    [InlineData("""{"plan": 3}""", "plan:1:1: found 3, expected a plan's fields")]
    [InlineData("""{"plan_text": ""}""", "plan_text:1:1: found nothing, expected a plan")]
    public void Read_OfNotExactlyOnePlan_IsRefused(string json, string problem) =>
        Assert.Equal([problem], Assert.Throws<InvalidPlanException>(() => SubmissionReader.Read(Command(json))).Problems);

    [Fact]
    public void Read_OfAnExperiment_FillsItsTemplate()
    {
        var template = PlanTemplate.Read("parameters: { layer: { type: whole, minimum: 0, maximum: 9 } }\nplan:\n" + string.Join('\n', PlanTexts.Valid.Split('\n').Select(line => "  " + line.Replace("layer: 8", "layer: ${layer}"))), "t");

        var submitted = SubmissionReader.Read(
            JsonSerializer.Deserialize<RunExperiment>("""{"template": "t", "parameters": {"layer": 8}, "owner": "ada"}""", MessageJson.Options)!,
            name => name == "t" ? template : throw new InvalidPlanException("no such template"));

        Assert.Equal(PlanReader.Read(PlanTexts.Valid + "\nowner: ada", "p").Bottlenecks[0].Layer, submitted.Plan.Bottlenecks[0].Layer);
        Assert.Equal(SweepIds.Of(submitted.Plan), SweepIds.Of(PlanReader.Read(submitted.Text, "p") with { Owner = "ada" }));
    }

    [Fact]
    public void Read_OfAnExperimentWithoutTemplate_IsRefused() =>
        Assert.Equal(
            ["template: found none, expected a template's name"],
            Assert.Throws<InvalidPlanException>(() => SubmissionReader.Read(new RunExperiment(), _ => throw new InvalidOperationException())).Problems);

    private static SubmitSweep Command(string json) => JsonSerializer.Deserialize<SubmitSweep>(json, MessageJson.Options)!;
}
