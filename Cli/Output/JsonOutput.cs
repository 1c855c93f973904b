using System.Text.Json;
using Sweep.Contracts.Json;

namespace Sweep.Cli.Output;

/// <summary>Results as JSON on standard output.</summary>
internal static class JsonOutput
{
    public static void Write<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, SweepJson.Indented));
}
