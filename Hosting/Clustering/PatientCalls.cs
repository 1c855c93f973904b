using Orleans.Runtime.Messaging;

namespace Sweep.Hosting.Clustering;

/// <summary>
/// Calls into the cluster that are tried again where a silo was lost on the way. A call may have been carried out although no answer came: only calls that may be repeated belong here.
/// </summary>
public sealed class PatientCalls(IClusterClient client, TimeProvider? time = null)
{
    private const int Tries = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public async Task<T> CallAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var left = Tries; ; left--, pause *= 2)
        {
            try
            {
                return await call(client).WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (left > 1 && IsPassing(exception))
            {
                await Task.Delay(pause, _time, cancellationToken);
            }
        }
    }

    public Task CallAsync(Func<IGrainFactory, Task> call, CancellationToken cancellationToken) =>
        CallAsync(
            async grains =>
            {
                await call(grains);
                return true;
            },
            cancellationToken);

    /// <summary>A silo went away; another one, or the same grain elsewhere, may answer.</summary>
    private static bool IsPassing(Exception exception) =>
        exception is TimeoutException or SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or GatewayTooBusyException;
}
