using System.Text.Json;

namespace Sweep.Deployment.Tests.Schemas;

/// <summary>Checks texts with published schemas and grammars by check.mjs.</summary>
internal static class SchemaCheck
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly Lazy<Task<string?>> Script = new(InstallAsync);

    public static async Task<SchemaAnswer> AskAsync(string kind, string text) => (await AskAsync([new SchemaRequest(kind, text)]))[0];

    public static async Task<IReadOnlyList<SchemaAnswer>> AskAsync(IReadOnlyList<SchemaRequest> requests)
    {
        var node = Tool.Find("node");
        var script = node is null ? null : await Script.Value;
        if (script is null)
        {
            Tool.Missing(node is null
                ? "found no node on PATH, expected Node.js 20 or newer for the schemas of manifests"
                : "npm could not install the schemas of manifests (Tests/Deployment.Tests/Schemas)");
        }

        var result = await Tool.RunAsync(node!, [script!], JsonSerializer.Serialize(requests, Json));
        return JsonSerializer.Deserialize<IReadOnlyList<SchemaAnswer>>(result.Successful("check.mjs"), Json)!;
    }

    private static async Task<string?> InstallAsync()
    {
        if (await NpmFolder.InstallAsync("Schemas") is not { } folder)
            return null;
        // Modules are looked up from where the script lies.
        var script = Path.Combine(folder, "check.mjs");
        File.Copy(Fixtures.Shipped("Tests", "Deployment.Tests", "Schemas", "check.mjs"), script, overwrite: true);
        return script;
    }
}

/// <param name="Kind">kubernetes, compose, dockerfile or promql.</param>
internal sealed record SchemaRequest(string Kind, string Text);

internal sealed record SchemaAnswer
{
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Of a PromQL expression.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];
}
