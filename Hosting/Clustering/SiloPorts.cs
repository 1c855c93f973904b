using System.Net;
using System.Net.Sockets;
using Sweep.Hosting.Settings;

namespace Sweep.Hosting.Clustering;

/// <summary>The ports of one silo, all known to be free a moment ago.</summary>
internal sealed record SiloPorts(int Silo, int Gateway)
{
    /// <summary>The configured ports, or free ones in their place. All are held until all are known, so that they differ.</summary>
    public static SiloPorts Choose(SweepSiloOptions options)
    {
        using var silo = Listen(options.SiloPort);
        using var gateway = Listen(options.GatewayPort);
        return new SiloPorts(Port(silo), Port(gateway));

        TcpListener Listen(int port)
        {
            var listener = new TcpListener(options.Network.Listening, port);
            listener.Start();
            return listener;
        }

        static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Configured ports that another process has.</summary>
    public static IEnumerable<string> Problems(SweepSiloOptions options)
    {
        (string Key, int Port)[] configured =
        [
            ($"{SweepSiloOptions.Key}:{nameof(options.SiloPort)}", options.SiloPort),
            ($"{SweepSiloOptions.Key}:{nameof(options.GatewayPort)}", options.GatewayPort),
            ($"{NetworkOptions.Key}:{nameof(options.Network.HttpPort)}", options.Network.HttpPort),
        ];
        return configured.Where(setting => setting.Port != 0 && IsTaken(options.Network.Listening, setting.Port))
            .Select(setting => $"{Setting.Named(setting.Key)} is {setting.Port}, which another process listens on: expected a free port, or 0 to take any");
    }

    private static bool IsTaken(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
    }
}
