using Sweep.Deployment.Tests.Manifests;
using Xunit;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>Shows every rule to fail: what is broken in an overlay without problems is noticed, by that rule and in those words.</summary>
public sealed class MutationTests
{
    public static TheoryData<string> Names => [.. Mutations.All.Select(mutation => mutation.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Mutation_Rule_Notices(string name)
    {
        var mutation = Mutations.All.Single(found => found.Name == name);
        var rule = RuleCatalog.Named(mutation.Rule.Name);
        var manifests = await ManifestSet.LoadAsync(mutation.Overlay);
        Assert.Empty(rule.Problems(manifests));

        mutation.Break(manifests);

        Assert.Contains(rule.Problems(manifests), problem => problem.Contains(mutation.Says, StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_Mutations_EveryRuleHasOne() =>
        Assert.Empty(RuleCatalog.All.Select(rule => rule.GetType()).Except(Mutations.All.Select(mutation => mutation.Rule)));
}
