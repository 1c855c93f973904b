using Sweep.Contracts.Dispatch;
using Sweep.Execution.Devices;

namespace Sweep.Execution.Tests.Devices;

public sealed class DeviceNamesTests
{
    [Theory]
    [InlineData("cpu", 0, "cpu:0")]
    [InlineData("cpu:3", 0, "cpu:3")]
    [InlineData("cuda:1", 2, "cuda:1")]
    [InlineData("cuda:all", 3, "cuda:0,cuda:1,cuda:2")]
    [InlineData("cpu:0,cpu:1", 0, "cpu:0,cpu:1")]
    [InlineData("cuda:all,cpu", 1, "cuda:0,cpu:0")]
    public void Expand_OfEntries_NamesEveryDeviceOnceInTheirOrder(string entries, int cudaDevices, string expected)
    {
        Assert.Equal(expected.Split(','), Expand(entries, new Machine(cudaDevices), out var problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("gpu", 0, "Devices[0] is 'gpu', expected cpu, cpu:N, cuda:N or cuda:all")]
    [InlineData("cpu:", 0, "Devices[0] is 'cpu:', expected cpu, cpu:N, cuda:N or cuda:all")]
    [InlineData("cpu:-1", 0, "Devices[0] is 'cpu:-1', expected cpu, cpu:N, cuda:N or cuda:all")]
    [InlineData("cpu:all", 0, "Devices[0] is 'cpu:all', expected cpu, cpu:N, cuda:N or cuda:all")]
    [InlineData("cuda", 1, "Devices[0] is 'cuda', expected cpu, cpu:N, cuda:N or cuda:all")]
    [InlineData("cuda:all", 0, "Devices[0] is 'cuda:all', found no CUDA device (no NVIDIA driver, or CUDA_VISIBLE_DEVICES hides them), expected cpu or a machine with one")]
    [InlineData("cpu,cuda:1", 1, "Devices[1] is 'cuda:1', found one CUDA device, expected cuda:0")]
    [InlineData("cuda:2", 2, "Devices[0] is 'cuda:2', found 2 CUDA devices, expected cuda:0 to cuda:1")]
    [InlineData("cpu,cpu:0", 0, "Devices[1] is 'cpu:0': cpu:0 is named before, expected every device once")]
    [InlineData("cuda:1,cuda:all", 2, "Devices[1] is 'cuda:all': cuda:1 is named before, expected every device once")]
    public void Expand_OfAnEntryThatNamesNothing_SaysWhatWasExpected(string entries, int cudaDevices, string expected)
    {
        Expand(entries, new Machine(cudaDevices), out var problems);
        Assert.Equal([expected], problems);
    }

    [Fact]
    public void Expand_WithoutACudaEntry_DoesNotAskForCudaDevices()
    {
        var machine = new Machine(2);
        Expand("cpu,cpu:1,gpu", machine, out _);
        Assert.Equal(0, machine.Asked);
    }

    [Fact]
    public void Describe_OfTheCpu_SaysItsKindAndMemory()
    {
        var facts = new MachineDevices().Describe("cpu:0");
        Assert.Equal("cpu", facts.Kind);
        Assert.InRange(facts.MemoryBytes, 1L << 28, 1L << 50);
        Assert.InRange(new MachineDevices().MemoryInUse("cpu:0")!.Value, 1L << 20, facts.MemoryBytes);
    }

    private static IReadOnlyList<string> Expand(string entries, Machine machine, out IReadOnlyList<string> problems) =>
        DeviceNames.Expand(entries.Split(','), machine, "Devices", out problems);

    private sealed class Machine(int cudaDevices) : IDeviceInventory
    {
        public int Asked { get; private set; }

        public int CudaDevices
        {
            get
            {
                Asked++;
                return cudaDevices;
            }
        }

        public DeviceFacts Describe(string device) => throw new NotSupportedException();

        public long? MemoryInUse(string device) => throw new NotSupportedException();
    }
}
