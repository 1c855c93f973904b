using Sweep.Execution.Devices;
using TorchSharp;

namespace Sweep.Execution.Tests.Devices;

public sealed class TorchDeviceTests
{
    [Theory]
    [InlineData("cpu:0")]
    [InlineData("cpu:7")]
    public void Find_Processor_IsThere(string device)
    {
        Assert.Equal(DeviceType.CPU, TorchDevice.Find(device, out var problem)!.type);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("tpu:0")]
    [InlineData("cuda")]
    [InlineData("cuda:x")]
    [InlineData("cuda:-1")]
    public void Find_NoDevicesName_SaysWhatIsExpected(string device)
    {
        Assert.Null(TorchDevice.Find(device, out var problem));
        Assert.Equal($"device: found '{device}', expected cpu:N or cuda:N", problem);
    }

    /// <summary>Whatever this machine and build have: a device behind the last one is not there, and the message says which are or what is missing.</summary>
    [Fact]
    public void Problem_CudaDeviceThatIsNotThere_IsOneLineWithFoundAndExpected()
    {
        var problem = TorchDevice.Problem("cuda:99");
        Assert.StartsWith("device cuda:99: found ", problem, StringComparison.Ordinal);
        Assert.Contains(", expected ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_AfterCudaWasLookedFor_ProcessorsStillCompute()
    {
        TorchDevice.Problem("cuda:0");
        Assert.Equal(3, torch.ones(3, device: TorchDevice.Find("cpu:0", out _)).sum().item<float>());
    }
}
