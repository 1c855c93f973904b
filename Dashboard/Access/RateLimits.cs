using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sweep.Dashboard.Api;

namespace Sweep.Dashboard.Access;

/// <summary>How often one client may call the API and try to log in. It comes before anything that asks the store.</summary>
internal sealed class RateLimits(SweepDashboardOptions options, TimeProvider time)
{
    /// <summary>All clients together: each attempt costs a hash and a line of the journal.</summary>
    private const int Together = 20;

    private readonly RequestBudgets _calls = new(options.CallsPerMinute, time);
    private readonly RequestBudgets _logins = new(options.LoginsPerMinute, time);
    private readonly RequestBudgets _users = new(options.LoginsPerMinute, time);
    private readonly RequestBudgets _everybody = new(options.LoginsPerMinute * Together, time, buckets: 1);

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        TimeSpan? wait = null;
        if (context.Request.Path.StartsWithSegments("/api"))
            wait = _calls.Take(ClientAddress.NetworkOf(context));
        else if (LoginEndpoints.IsAttempt(context.Request))
            wait = _logins.Take(ClientAddress.NetworkOf(context)) ?? _everybody.Take("");
        return wait is { } pause ? RefuseAsync(context, pause) : next(context);
    }

    /// <summary>Null: another attempt for this user may be made.</summary>
    public TimeSpan? TakeUser(string name) => _users.Take(name);

    public static Task RefuseAsync(HttpContext context, TimeSpan pause)
    {
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var message = $"too many requests; try again in {Math.Ceiling(pause.TotalSeconds)} s";
        return context.Request.Path.StartsWithSegments("/api")
            ? ApiProblems.WriteAsync(context, StatusCodes.Status429TooManyRequests, message)
            : PlainPages.WriteAsync(context, StatusCodes.Status429TooManyRequests, message);
    }
}
