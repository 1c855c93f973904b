using System.CommandLine;

namespace Sweep.Cli;

/// <summary>How a command reaches the sweeps of a cluster.</summary>
internal enum Route
{
    /// <summary>By the broker's queues; Sweep__Messaging__... in the environment.</summary>
    Queue,

    /// <summary>By a silo; Sweep__Silo__..., Sweep__Store__ConnectionString in the environment.</summary>
    Cluster,

    /// <summary>By the store's file, for sweeps that nobody runs.</summary>
    Store,
}

/// <summary>The option --via.</summary>
internal static class RouteOption
{
    public static Option<Route> Create(Route defaultRoute, params Route[] routes)
    {
        var words = string.Join(", ", routes.Select(route => route.ToString().ToLowerInvariant()));
        return new Option<Route>("--via")
        {
            Description = $"{words}. The broker and the silos are named in the environment (Sweep__Messaging__Host, Sweep__Silo__GatewayPort, Sweep__Store__ConnectionString, ...).",
            HelpName = words.Replace(", ", "|", StringComparison.Ordinal),
            DefaultValueFactory = _ => defaultRoute,
            CustomParser = argument =>
            {
                var word = argument.Tokens.Single().Value;
                if (Enum.TryParse<Route>(word, ignoreCase: true, out var route) && routes.Contains(route) && !char.IsAsciiDigit(word[0]))
                    return route;
                argument.AddError($"--via: found '{word}', expected {words}");
                return default;
            },
        };
    }
}
