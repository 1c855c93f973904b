using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Sweep.Dashboard.Access;

/// <summary>Where a request comes from.</summary>
internal static class ClientAddress
{
    public static string Of(HttpContext context) => Plain(context.Connection.RemoteIpAddress)?.ToString() ?? "unknown";

    /// <summary>What one client can hardly have many of: an IPv4 address, or the first 64 bits of an IPv6 one.</summary>
    public static string NetworkOf(HttpContext context)
    {
        var address = Plain(context.Connection.RemoteIpAddress);
        return address?.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(address)
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address?.ToString() ?? "unknown";
    }

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
