using TorchSharp;
using Xunit;

namespace Sweep.Models.Tests;

public sealed class TorchLoadTests
{
    [Fact]
    public void Torch_OnThisMachine_Loads()
    {
        using var ones = torch.ones(2, 3);
        Assert.Equal(6f, ones.sum().item<float>());
    }
}
