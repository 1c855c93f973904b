using Sweep.Execution.Devices;
using TorchSharp;

namespace Sweep.Execution.Tests.Devices;

public sealed class DeviceThreadTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task InvokeAsync_ManyCalls_RunInOrderOnOneThreadWithoutGradients()
    {
        await using var device = new DeviceThread("cpu:0", intraOpThreads: 1);
        var order = new List<int>();
        var calls = Enumerable.Range(0, 50).Select(call => device.InvokeAsync(
            _ =>
            {
                order.Add(call);
                return (Environment.CurrentManagedThreadId, torch.is_inference_mode_enabled(), torch.get_num_threads());
            },
            None)).ToArray();
        var seen = await Task.WhenAll(calls);
        Assert.Equal(Enumerable.Range(0, 50), order);
        Assert.Single(seen.Distinct());
        Assert.True(seen[0].Item2);
        Assert.Equal(1, seen[0].Item3);
        Assert.NotEqual(Environment.CurrentManagedThreadId, seen[0].CurrentManagedThreadId);
    }

    [Fact]
    public async Task InvokeAsync_WorkThrows_FailsThatCallOnly()
    {
        await using var device = new DeviceThread("cpu:0", null);
        var failing = device.InvokeAsync<int>(_ => throw new InvalidOperationException("this one"), None);
        var next = device.InvokeAsync(_ => 7, None);
        Assert.Equal("this one", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(7, await next);
    }

    [Fact]
    public async Task InvokeAsync_CanceledBeforeItsTurn_DoesNotRun()
    {
        await using var device = new DeviceThread("cpu:0", null);
        using var blocked = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var first = device.InvokeAsync(_ => blocked.Wait(TimeSpan.FromSeconds(30), None), None);
        var ran = false;
        var second = device.InvokeAsync(_ => ran = true, cancellation.Token);
        await cancellation.CancelAsync();
        blocked.Set();
        Assert.True(await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(ran);
    }

    [Fact]
    public async Task DisposeAsync_WithWorkQueued_EndsItAndThenRefuses()
    {
        var device = new DeviceThread("cpu:0", null);
        var queued = Enumerable.Range(0, 5).Select(call => device.InvokeAsync(_ => call, None)).ToArray();
        await device.DisposeAsync();
        Assert.All(queued, call => Assert.True(call.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => device.InvokeAsync(_ => 0, None));
    }
}
