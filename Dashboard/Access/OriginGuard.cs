using System.Net;
using Microsoft.AspNetCore.Http;
using Sweep.Dashboard.Api;

namespace Sweep.Dashboard.Access;

/// <summary>
/// Requests under a name that is not the dashboard's (a page elsewhere whose name leads to this machine) and changes or circuits that a page of another origin asks for are refused. Browsers say the
/// origin themselves; programs that are none say nothing.
/// </summary>
internal sealed class OriginGuard(SweepDashboardOptions options)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // Probes ask the pod's own address.
        if (request.Path.StartsWithSegments("/health"))
            return next(context);
        if (!IsOurs(request.Host.Host))
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, $"found host '{request.Host.Host}', expected {options.PublicUri?.Host ?? "a name or address of this machine's loopback"}");
        if (options.PublicUri is { } url && !IsLoopback(request.Host.Host))
        {
            // Whatever is in front of it: links and redirects lead to what browsers call it.
            request.Scheme = url.Scheme;
            request.Host = HostString.FromUriComponent(url);
        }

        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        return (changes || request.Path.StartsWithSegments("/_blazor")) && IsForeign(request)
            ? RefuseAsync(context, StatusCodes.Status403Forbidden, "the request comes from a page of another origin")
            : next(context);
    }

    private bool IsOurs(string host) => options.PublicUri is { } url && !url.IsLoopback
        ? string.Equals(host, url.Host, StringComparison.OrdinalIgnoreCase) || (IsLoopback(host) && IPAddress.IsLoopback(IPAddress.Parse(options.Address)))
        : IsLoopback(host);

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site is not ("same-origin" or "none"))
            return true;
        return request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var url) && string.Equals(url.Authority, Authority(request), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Without the port where it is the scheme's own, as an origin is written.</summary>
    private static string Authority(HttpRequest request) => Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var url) ? url.Authority : request.Host.Value ?? "";

    private static Task RefuseAsync(HttpContext context, int status, string message) =>
        context.Request.Path.StartsWithSegments("/api") ? ApiProblems.WriteAsync(context, status, message) : PlainPages.WriteAsync(context, status, message);
}
