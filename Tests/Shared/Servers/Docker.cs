using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sweep.Tests.Servers;

/// <summary>The Docker engine of this machine, where one answers.</summary>
internal static class Docker
{
    public static async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        await RunAsync(["version", "--format", "{{.Server.Version}}"], cancellationToken) is not null;

    /// <summary>What docker printed, or null where it is missing or refuses.</summary>
    public static async Task<string?> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await error;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A loopback port that a container keeps when it is started again, which one that Docker chooses is not.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
