using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class HubModelTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Theory]
    [InlineData("hf:state-spaces/mamba-130m-hf", "state-spaces", "mamba-130m-hf", "main")]
    [InlineData("state-spaces/mamba-130m-hf@v1.0", "state-spaces", "mamba-130m-hf", "v1.0")]
    [InlineData("hf:a/b@refs/pr/1", "a", "b", "refs/pr/1")]
    [InlineData("hf:a/b@" + Commit, "a", "b", Commit)]
    public void Parse_Names_GivesTheirParts(string text, string organisation, string name, string revision)
    {
        var model = HubModel.Parse(text, out var problem)!;
        Assert.Equal((organisation, name, revision, ""), (model.Organisation, model.Name, model.Revision, problem));
        Assert.Equal((revision == Commit, $"hf:{organisation}/{name}@{revision}"), (model.IsPinned, model.ToString()));
        Assert.Equal(model, HubModel.Parse(model.ToString(), out _));
    }

    [Theory]
    [InlineData("hf:")]
    [InlineData("hf:name")]
    [InlineData("hf:a/b/c")]
    [InlineData("hf:../b")]
    [InlineData("hf:a/..")]
    [InlineData("hf:a/b..c")]
    [InlineData("hf:a/.b")]
    [InlineData("hf:a/b@")]
    [InlineData("hf:a/b@../c")]
    [InlineData("hf:a/b@c//d")]
    [InlineData("hf:a/b@c/")]
    [InlineData("hf:a/b@c d")]
    [InlineData("hf:a/b?x")]
    [InlineData("hf:a/b#x")]
    [InlineData("hf:a\\b/c")]
    [InlineData("hf:ä/b")]
    [InlineData("hf:https://example.org/a/b")]
    public void Parse_OtherTexts_AreRefused(string text)
    {
        Assert.Null(HubModel.Parse(text, out var problem));
        Assert.Contains("expected hf:ORG/NAME or hf:ORG/NAME@REVISION", problem, StringComparison.Ordinal);
        Assert.Contains(PlanTexts.Problems(PlanTexts.Valid.Replace(Models(), $"models: ['{text.Replace("'", "''", StringComparison.Ordinal)}']", StringComparison.Ordinal)), line => line.Contains("models[0]: found", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("models/mini", "mini")]
    [InlineData("mini/", "mini")]
    [InlineData("hf:a/b", "b")]
    [InlineData("hf:a/b@v1", "b@v1")]
    [InlineData("hf:a/b@refs/pr/1", "b@refs-pr-1")]
    public void ResultName_Models_IsShortAndTellsRevisionsApart(string model, string name) => Assert.Equal(name, HubModel.ResultName(model));

    [Fact]
    public void Read_PlanWithTwoRevisions_IsValid()
    {
        var plan = PlanReader.Read(PlanTexts.Valid.Replace(Models(), "models: ['hf:a/b@v1', 'hf:a/b@v2']", StringComparison.Ordinal), "plan");
        Assert.Equal(["hf:a/b@v1", "hf:a/b@v2"], plan.Models);
    }

    private static string Models() => PlanTexts.Valid.Split('\n').Single(line => line.StartsWith("models:", StringComparison.Ordinal));
}
