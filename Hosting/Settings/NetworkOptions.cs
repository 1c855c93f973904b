using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Sweep.Hosting.Settings;

/// <summary>Sweep:Network: where the silo's ports listen. Neither Orleans nor probes and metrics authenticate anybody, so beyond loopback they need a network that keeps strangers out.</summary>
public sealed class NetworkOptions
{
    internal const string Key = "Sweep:Network";

    /// <summary>
    /// The network is internal: something outside of Sweep (a NetworkPolicy, a firewall) lets only the cluster's own processes reach these ports, so they may listen on every address.
    /// Default: false, they listen on loopback.
    /// </summary>
    public bool Internal { get; set; }

    /// <summary>The IP address under which other silos reach this one. Default: 127.0.0.1; with <see cref="Internal"/> the first IPv4 address of this machine that is not loopback.</summary>
    public string? Address { get; set; }

    /// <summary>Port of /health/live, /health/ready and /metrics; 0: a free one. Default: 8080.</summary>
    public int HttpPort { get; set; } = 8080;

    internal IPAddress Advertised => Address is { Length: > 0 } address ? IPAddress.Parse(address) : Internal ? OwnAddress() : IPAddress.Loopback;

    internal IPAddress Listening => Internal ? IPAddress.Any : IPAddress.Loopback;

    internal IEnumerable<string> Problems()
    {
        if (HttpPort is < 0 or > 65535)
            yield return $"{Key}:{nameof(HttpPort)} is {HttpPort}, expected 0 (a free port) to 65535";
        if (Address is not { Length: > 0 })
            yield break;
        if (!IPAddress.TryParse(Address, out var address))
            yield return $"{Key}:{nameof(Address)} is '{Address}', expected an IP address";
        else if (!Internal && !IPAddress.IsLoopback(address))
            yield return $"{Key}:{nameof(Address)} is {Address}, where everybody on that network reaches the silo: expected a loopback address, or {Setting.Named($"{Key}:{nameof(Internal)}")}=true on a network that only the cluster reaches";
    }

    private static IPAddress OwnAddress() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)) ?? IPAddress.Loopback;
}
