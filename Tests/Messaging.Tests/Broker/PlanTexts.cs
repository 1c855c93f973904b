using Sweep.Contracts.Plans;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>Plans that the stub resolves to four jobs.</summary>
internal static class PlanTexts
{
    public static string Yaml(string name, string model = "models/mini") => $"""
        name: {name}
        models: [{model}]
        benchmarks: [{OpenBrace} name: squad, data: squad.json {CloseBrace}]
        bottlenecks: [{OpenBrace} name: chosen, layer: 1, channels: [1, 2] {CloseBrace}]
        scalars: [0.5]
        controls: off
        """;

    public static string SweepId(string name) => SweepIds.Of(PlanReader.Read(Yaml(name), "plan"));

    private const string OpenBrace = "{";
    private const string CloseBrace = "}";
}
