using System.Net;

namespace Sweep.Dashboard;

/// <summary>Where the dashboard listens.</summary>
public sealed class SweepDashboardOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Sweep:Dashboard";

    /// <summary>Default: 127.0.0.1. Another one asks for authentication.</summary>
    public string Address { get; set; } = IPAddress.Loopback.ToString();

    /// <summary>0: a free one. Default: 5080.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>Plans that a new sweep can begin with: YAML files. Default: none.</summary>
    public string? TemplatesFolder { get; set; }

    public IEnumerable<string> Problems()
    {
        if (!IPAddress.TryParse(Address, out _))
            yield return $"{Section}:{nameof(Address)}: found '{Address}', expected an IP address";
        if (Port is < 0 or > 65535)
            yield return $"{Section}:{nameof(Port)}: found {Port}, expected 0 to 65535";
    }
}
