using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class SweepIdsTests
{
    [Fact]
    public void Of_SamePlanInAnotherForm_IsTheSame() =>
        Assert.Equal(
            SweepIds.Of(PlanReader.Read(PlanTexts.Valid, "p")),
            SweepIds.Of(PlanReader.Read(PlanTexts.Valid.Replace("[0.5, 1, 2]", "\n- 0.50\n- 1.0\n- 2", StringComparison.Ordinal) + "\nseed: 0", "q")));

    [Fact]
    public void Of_OtherPlan_IsAnother()
    {
        var plan = PlanReader.Read(PlanTexts.Valid, "p");

        Assert.NotEqual(SweepIds.Of(plan), SweepIds.Of(plan with { Seed = 1 }));
    }

    [Fact]
    public void Of_Plan_IsItsNameAndTenHexadecimalDigits() => Assert.Matches("^trial-[0-9a-f]{10}$", SweepIds.Of(PlanReader.Read(PlanTexts.Valid, "p")));

    [Fact]
    public void Canonical_Plan_HasItsMembersInOrdinalOrder() =>
        Assert.Equal(
            """{"benchmarks":[{"data":"data/squad.json","name":"squad"}],"bottlenecks":[{"channels":{"all":false,"explicit":[3,5]},"layer":8,"name":"planted","operation":"scale","positions":"all","site":"MixerOutput"}],"budget":{},"controls":{"complement":true,"other_channels":3,"other_layers":3,"random":20},"decoding":{"generate":true,"log_likelihood":true},"models":["models/mini"],"name":"trial","owner":"local","precision":"fp32","priority":0,"scalars":[0.5,1,2],"seed":0,"split":{"selection":0.5,"validation":0},"weight":1}""",
            SweepIds.Canonical(PlanReader.Read(PlanTexts.Valid, "p")));

    [Fact]
    public void Canonical_RandomControlsAlone_AreWrittenAsTheyWereBeforeOtherKinds() =>
        Assert.Contains("\"controls\":{\"random\":2},", SweepIds.Canonical(PlanReader.Read(PlanTexts.Valid + "\ncontrols: { random: 2 }", "p")), StringComparison.Ordinal);
}
