using Sweep.Contracts.Plans;
using Sweep.Dashboard.Pages.Submit;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Pages;

/// <summary>A plan of one cell or bottleneck, cut out of the whole one.</summary>
public sealed class PlanPartTests
{
    private const string Text = """
        name: all  # a comment
        models: [folder/m, n]
        benchmarks:
          - { name: squad, data: s.json, items: 24 }
          - { name: drop, data: d.json }
        bottlenecks:
          - { name: b, layer: 1, channels: [1, 2], scalars: [4, 8] }
          - { name: drawn, layer: 1, random: 2, seeds: [3, 5] }
        scalars: [0.5, 1]
        controls: { random: 4 }
        hypotheses:
          - { name: H1, statement: it helps, bottleneck: b, direction: better }
        seed: 7
        """;

    private static readonly ResolvedPlan Resolved = Rows.Resolved with
    {
        Models = [Rows.Resolved.Models[0], Rows.Resolved.Models[0] with { Name = "n" }],
        Benchmarks = [Rows.Resolved.Benchmarks[0], Rows.Resolved.Benchmarks[0] with { Name = "drop" }],
    };

    [Fact]
    public void Of_ACell_IsItAloneWithAllThatMakesItsJobs()
    {
        var whole = PlanReader.Read(Text, "plan");

        var part = PlanReader.Read(PlanPart.Of(Text, whole, Resolved, new CellPlace("m", "drop", "b", 8))!, "plan");

        Assert.Equal(["folder/m"], part.Models);
        Assert.Equal("drop", Assert.Single(part.Benchmarks).Name);
        Assert.Equal(("b", null), (Assert.Single(part.Bottlenecks).Name, part.Bottlenecks[0].Scalars));
        Assert.Equal([8.0], part.Scalars);
        Assert.Null(part.Hypotheses);
        Assert.Equal(("all.b-drop-x8", 7, 4), (part.Name, part.Seed, part.Controls.Random));
    }

    [Fact]
    public void Of_ABottleneck_KeepsItsScalarsAndAllBenchmarks()
    {
        var whole = PlanReader.Read(Text, "plan");

        var part = PlanReader.Read(PlanPart.Of(Text, whole, Resolved, new CellPlace("n", "", "drawn (seed 5)", null))!, "plan");

        Assert.Equal(["n"], part.Models);
        Assert.Equal(["squad", "drop"], part.Benchmarks.Select(one => one.Name));
        Assert.Equal([5L], Assert.Single(part.Bottlenecks).Channels.Seeds);
        Assert.Equal([0.5, 1], part.Scalars);
    }

    [Fact]
    public void Of_APlanInJson_IsCutLikeOneInYaml()
    {
        const string Json = """{"name":"all","models":["m"],"benchmarks":[{"name":"squad","data":"s"},{"name":"drop","data":"d"}],"bottlenecks":[{"name":"b","layer":1,"channels":[1]}],"scalars":[0.5,2]}""";

        var part = PlanReader.Read(PlanPart.Of(Json, PlanReader.Read(Json, "plan"), Resolved, new CellPlace("m", "squad", "b", 2))!, "plan");

        Assert.Equal(("squad", 2.0), (Assert.Single(part.Benchmarks).Name, Assert.Single(part.Scalars)));
    }

    [Fact]
    public void Of_OneCell_HasTheJobsThatRan()
    {
        var part = PlanReader.Read(PlanPart.Of(
            "name: small\nmodels: [m]\nbenchmarks: [{ name: squad, data: squad.json }]\nbottlenecks: [{ name: b, layer: 1, channels: [1, 2] }]\nscalars: [0.5, 2]\ncontrols: off\n",
            Rows.Plan, Rows.Resolved, new CellPlace("m", "squad", "b", 0.5))!, "plan");

        var jobs = PlanExpander.Jobs(part, Rows.Resolved).Select(pair => pair.Job.Id).ToHashSet();

        Assert.Superset(jobs, Rows.Jobs.Select(job => job.Id).ToHashSet());
    }

    [Fact]
    public void Of_WhatThePlanDoesNotHave_IsNone()
    {
        var whole = PlanReader.Read(Text, "plan");
        Assert.Null(PlanPart.Of(Text, whole, Resolved, new CellPlace("x", "squad", "b", 8)));
        Assert.Null(PlanPart.Of(Text, whole, Resolved, new CellPlace("m", "x", "b", 8)));
        Assert.Null(PlanPart.Of(Text, whole, Resolved, new CellPlace("m", "squad", "x", 8)));
        Assert.Null(PlanPart.Of("{}", whole, Resolved, new CellPlace("m", "squad", "b", 8)));
    }
}
