using System.CommandLine;
using Sweep.Cli.Dashboards;
using Sweep.Dashboard.Live;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>Options of commands that show a dashboard.</summary>
/// <param name="isOptional">It is asked for by --dashboard; else it is always there.</param>
internal sealed class DashboardSettings(bool isOptional)
{
    private Option<bool> Wanted { get; } = new("--dashboard") { Description = "Show the sweep in a browser too; then the command stays until Ctrl-C." };

    private Option<int?> Port { get; } = new("--port")
    {
        Description = "The dashboard's port on the loopback address; 0: any. Default: 5080, or any where that is taken.",
        HelpName = "N",
        CustomParser = result => OptionValues.WholeNumber(result, 0, 65535),
    };

    public Option[] All => isOptional ? [Wanted, Port] : [Port];

    /// <summary>Null: none is asked for.</summary>
    public async Task<EmbeddedDashboard?> StartAsync(ParseResult parsed, EmbeddedSweep embedded, LiveScope scope)
    {
        if (isOptional && !parsed.GetValue(Wanted))
            return parsed.GetValue(Port) is null ? null : throw new WrongInputException("--port: found it without --dashboard, expected both");

        var dashboard = await EmbeddedDashboard.StartAsync(embedded, scope, parsed.GetValue(Port));
        await Console.Error.WriteLineAsync($"sweep: dashboard at {dashboard.Address}");
        return dashboard;
    }
}
