using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Dashboard.Api;
using Sweep.Dashboard.Tests.Hosts;
using Xunit;

namespace Sweep.Dashboard.Tests.Api;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_Paths_AreEveryEndpointOfTheApi()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = dashboard.Client();
        var document = await client.JsonAsync(ApiExtensions.DocumentPath);
        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        var described = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}")).Order(StringComparer.Ordinal);
        var mapped = dashboard.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method} {Template(endpoint)}"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(mapped, described);
        Assert.All(Operations(document), operation => Assert.False(string.IsNullOrEmpty((string?)operation["summary"]) || string.IsNullOrEmpty((string?)operation["operationId"])));
        Assert.Equal("bearer", (string?)document["components"]!["securitySchemes"]!["token"]!["scheme"]);
        Assert.NotNull(document["components"]!["schemas"]!["SweepSummary"]!["properties"]!["null_sweeps"]);
        Assert.DoesNotContain("://localhost", document.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>As the document writes it: without constraints.</summary>
    private static string Template(RouteEndpoint endpoint) => System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!.TrimEnd('/'), @"\{(\w+):\w+\}", "{$1}");

    private static IEnumerable<JsonNode> Operations(JsonNode document) => document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!);
}
