using System.Text.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Plans.Templates;
using Xunit;

namespace Sweep.Contracts.Tests.Plans.Templates;

public sealed class PlanTemplateTests
{
    private const string Template = """
        description: one layer of one model
        parameters:
          model: { type: text, one_of: [mini, tiny] }
          label: { type: text, default: trial }
          layer: { type: whole, minimum: 0, maximum: 63 }
          share: { type: number, minimum: 0.1, maximum: 0.9, default: 0.5 }
          scalars: { type: numbers, minimum: -10, maximum: 10, most: 4 }
          channels: { type: wholes, minimum: 0, maximum: 4095, most: 16 }
          generate: { type: flag, default: true }
        plan:
          name: ${label}-${model}-${layer}
          models: ["models/${model}"]
          benchmarks: [{ name: squad, data: squad.json }]
          bottlenecks:
            - name: chosen
              layer: ${layer}
              channels: ${channels}
          scalars: ${scalars}
          split: { selection: "${share}" }
          decoding: { generate: "${generate}" }
        """;

    [Fact]
    public void Fill_WithParameters_GivesThePlanThatAFileWithTheseValuesGives()
    {
        var plan = Fill("""{"model": "mini", "layer": 8, "scalars": [0.5, 2], "channels": [3, 5], "generate": false}""");

        var written = PlanReader.Read(
            """
            name: trial-mini-8
            models: [models/mini]
            benchmarks: [{ name: squad, data: squad.json }]
            bottlenecks: [{ name: chosen, layer: 8, channels: [3, 5] }]
            scalars: [0.5, 2]
            split: { selection: 0.5 }
            decoding: { generate: false }
            """,
            "p");
        Assert.Equal(SweepIds.Canonical(written), SweepIds.Canonical(plan));
    }

    [Fact]
    public void Fill_WithWrongParameters_NamesEveryOne()
    {
        var refused = Assert.Throws<InvalidPlanException>(() => Fill("""{"model": "../other", "layer": 64, "share": "0.5", "scalars": [1, 2, 3, 4, 5], "channels": [1.5], "generate": 1, "extra": 0, "label": null}"""));

        Assert.Equal(
            [
                "parameters.model: found '../other', expected mini or tiny",
                "parameters.layer: found 64, expected a whole number from 0 to 63",
                "parameters.share: found '0.5', expected a number from 0.1 to 0.9",
                "parameters.scalars: found a list of 5, expected a list of 1 to 4, each a number from -10 to 10",
                "parameters.channels: found a list of 1, expected a list of 1 to 16, each a whole number from 0 to 4095",
                "parameters.generate: found 1, expected true or false",
                "parameters: found 'extra', expected model, label, layer, share, scalars, channels or generate",
            ],
            refused.Problems);
    }

    [Fact]
    public void Fill_WithoutARequiredParameter_SaysWhatItTakes()
    {
        var refused = Assert.Throws<InvalidPlanException>(() => Fill("""{"model": "mini", "scalars": [1], "channels": [1]}"""));

        Assert.Equal(["parameters.layer: found none, expected a whole number from 0 to 63"], refused.Problems);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\\\\b")]
    [InlineData("a\\nowner: root")]
    [InlineData("")]
    public void Fill_WithTextThatCouldNameAnotherFolder_IsRefused(string label)
    {
        var refused = Assert.Throws<InvalidPlanException>(() => Fill($$"""{"model": "mini", "layer": 1, "scalars": [1], "channels": [1], "label": "{{label}}"}"""));

        Assert.StartsWith("parameters.label: found", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Fill_WithTextThatReadsAsSyntax_StaysText()
    {
        var template = PlanTemplate.Read(
            """
            parameters: { owner: { type: text } }
            plan:
              name: p
              models: [m]
              benchmarks: [{ name: squad, data: s.json }]
              bottlenecks: [{ name: b, layer: 0, channels: [1] }]
              scalars: [2]
              owner: ${owner}
            """,
            "t");

        var plan = template.Fill(Parameters("""{"owner": "ada, priority: 9 ${owner}"}"""));

        Assert.Equal(("ada, priority: 9 ${owner}", 0), (plan.Owner, plan.Priority));
    }

    [Fact]
    public void Fill_WhosePlanIsInvalid_SaysWhereInTheTemplate()
    {
        var template = PlanTemplate.Read(
            "parameters: { n: { type: text } }\nplan:\n  name: ${n}\n  models: [m]\n  benchmarks: [{ name: squad, data: s.json }]\n  bottlenecks: [{ name: b, layer: 0, channels: [1] }]\n  scalars: [2]\n",
            "t.yaml");

        var refused = Assert.Throws<InvalidPlanException>(() => template.Fill(Parameters("""{"n": "with space"}""")));

        Assert.Equal(["t.yaml:3:9: name: found 'with space', expected 1 to 80 letters, digits, '-', '_' and '.'"], refused.Problems);
    }

    [Fact]
    public void Read_OfATemplateWithoutBounds_NamesEveryProblem()
    {
        var refused = Assert.Throws<InvalidPlanException>(() => PlanTemplate.Read(
            """
            parameters:
              a: { type: whole, minimum: 5 }
              b: { type: numbers, minimum: 0, maximum: 1 }
              c: { type: word }
              d/e: { type: flag }
              f: { type: number, minimum: 2, maximum: 1, default: 1 }
            plan: { name: "${a}-${b}", models: ["${z}"] }
            """,
            "t"));

        Assert.Equal(
            [
                "t:1:1: parameters.c: found nothing in the plan that uses it",
                "t:1:1: parameters.f: found nothing in the plan that uses it",
                "t:2:3: parameters.a.maximum: found no field 'maximum', expected a number: every number of a template is bounded",
                "t:2:3: parameters.a: found a minimum above the maximum (5, 0)",
                "t:3:6: parameters.b.most: found no field 'most', expected a whole number",
                "t:4:14: parameters.c.type: found 'word', expected text, flag, whole, number, wholes or numbers",
                "t:5:3: parameters: found the name 'd/e', expected 1 to 80 letters, digits, '-' and '_'",
                "t:6:3: parameters.f: found a minimum above the maximum (2, 1)",
                "t:6:55: parameters.f.default: found 1, expected a number from 2 to 1",
                "t:7:15: plan: found '${a}-${b}', expected a list as the whole value, not as a part of a text",
                "t:7:37: plan: found '${z}', expected a parameter of this template",
            ],
            refused.Problems);
    }

    private static SweepPlan Fill(string parameters) => PlanTemplate.Read(Template, "t.yaml").Fill(Parameters(parameters));

    private static Dictionary<string, JsonElement> Parameters(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
}
