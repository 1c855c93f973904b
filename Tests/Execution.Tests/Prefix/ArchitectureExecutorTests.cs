using Sweep.Models.FalconMamba;
using Sweep.Models.Mamba;
using Sweep.Models.Tests.Mamba;
using Sweep.Models.Tests.Mamba2;

namespace Sweep.Execution.Tests.Prefix;

/// <summary>Shared prefixes and per-row steering of Mamba-2, with groups of heads.</summary>
public sealed class Mamba2ExecutorTests() : SteeredExecutorTests(RandomMamba2.Model(RandomMamba2.Config(layers: 4, normGroups: 2)));

/// <summary>The same of FalconMamba.</summary>
public sealed class FalconMambaExecutorTests() : SteeredExecutorTests(Model())
{
    private static MambaModel Model()
    {
        var config = RandomMamba.Config(layers: 4) with { ModelType = "falcon_mamba" };
        return new(new FalconMambaConfig(config, 1e-6), RandomMamba.Tensors(config, 1));
    }
}
