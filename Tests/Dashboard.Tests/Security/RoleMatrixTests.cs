using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Tests.Hosts;
using Sweep.Persistence.Access;
using Xunit;

namespace Sweep.Dashboard.Tests.Security;

/// <summary>Every endpoint that there is, asked by nobody and by each role. A new one is asked too, and fails here until it says who may.</summary>
public sealed class RoleMatrixTests
{
    /// <summary>Beside files: whoever is not logged in must get in somehow, and probes have no account.</summary>
    private static readonly string[] ForEverybody = ["/health/live", "/health/ready", "/login", "/login/issuer"];

    private static readonly AccessRole?[] Callers = [null, AccessRole.Viewer, AccessRole.Operator, AccessRole.Admin];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoints_All_SayWhoMay()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var endpoints = Endpoints(dashboard);
        Assert.True(endpoints.Count > 20, "expected pages, files and the API");
        foreach (var endpoint in endpoints)
        {
            var path = endpoint.RoutePattern.RawText!;
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
                Assert.True(ForEverybody.Contains(path) || IsFile(endpoint), $"{path} is open to everybody");
            // The framework's own, for files of a build that was not published; the fallback policy guards it.
            else if (path != "{**path:file}")
                Assert.True(endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is AccessPolicies.Viewer or AccessPolicies.Operator or AccessPolicies.Admin), $"{path} does not say who may");
        }

        Assert.Equal(ForEverybody, endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null && !IsFile(endpoint)).Select(endpoint => endpoint.RoutePattern.RawText!).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Changes_OfTheApi_AskForMoreThanAViewer()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var changes = Endpoints(dashboard).Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal) && Methods(endpoint).Any(method => method != "GET")).ToArray();
        Assert.Equal(7, changes.Length);
        Assert.All(changes, endpoint => Assert.True(Needed(endpoint) >= AccessRole.Operator, $"{endpoint.RoutePattern.RawText} lets viewers change something"));
    }

    [Fact]
    public async Task Requests_EachEndpointAndRole_AreAnsweredByRoleAlone()
    {
        await using var dashboard = await TestDashboard.StartWithLoginAsync();
        var clients = new Dictionary<string, HttpClient>();
        foreach (var role in Callers)
            clients[role?.ToString() ?? ""] = dashboard.Client(role is { } known ? (await dashboard.TokenAsync(known)).Reveal() : null);
        var asked = 0;
        foreach (var endpoint in Endpoints(dashboard).Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            foreach (var (method, role) in Methods(endpoint).SelectMany(method => Callers.Select(role => (method, role))))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Path(endpoint));
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
                var answer = await clients[role?.ToString() ?? ""].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                var refused = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || answer.Headers.Location?.OriginalString.Contains("/login", StringComparison.Ordinal) == true;
                Assert.True(refused == (role is null || role < Needed(endpoint)), $"{method} {request.RequestUri} by {role?.ToString() ?? "nobody"}: found {answer.StatusCode}");
                Assert.True(answer.StatusCode != HttpStatusCode.InternalServerError, $"{method} {request.RequestUri} by {role}: an error");
                asked++;
            }
        }

        Assert.True(asked > 80, $"asked only {asked} times");
    }

    internal static List<RouteEndpoint> Endpoints(TestDashboard dashboard) =>
        [.. dashboard.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().DistinctBy(endpoint => (endpoint.RoutePattern.RawText, string.Join(',', Methods(endpoint)), endpoint.Order))];

    private static bool IsFile(RouteEndpoint endpoint) => endpoint.Metadata.Any(metadata => metadata.GetType().Name == "StaticAssetDescriptor");

    internal static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"];

    private static AccessRole Needed(RouteEndpoint endpoint) => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy switch
    {
        AccessPolicies.Admin => AccessRole.Admin,
        AccessPolicies.Operator => AccessRole.Operator,
        _ => AccessRole.Viewer,
    }).DefaultIfEmpty(AccessRole.Viewer).Max();

    /// <summary>Something for each of its parameters.</summary>
    internal static string Path(RouteEndpoint endpoint) =>
        "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "documentName" } => "v1",
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { ParameterPolicies.Count: > 0 } => "1",
            _ => "x",
        }))));
}
