using System.Net;
using System.Net.Sockets;

namespace Sweep.Hosting.Clustering.Local;

/// <summary>
/// Loopback ports for processes that are about to start. They lie below those that the system gives to outgoing connections, so that no connection takes one before its process listens.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>Distinct: all are held until all are known.</summary>
    public static int[] Find(int count)
    {
        var held = new List<TcpListener>();
        try
        {
            while (held.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(First, Last));
                try
                {
                    listener.Start();
                    held.Add(listener);
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
                {
                    listener.Dispose();
                }
            }

            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            held.ForEach(listener => listener.Dispose());
        }
    }
}
