using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sweep.Dashboard.Access;

/// <summary>What a browser is told where no page can be shown.</summary>
internal static class PlainPages
{
    public static Task ForbidAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status403Forbidden, "Your role does not allow this. Ask an admin of this dashboard for another one.");

    /// <summary>An address that nothing has, to whoever follows a link that was cut short; programs get the bare status.</summary>
    public static Task MissAsync(HttpContext context) =>
        context.Response.StatusCode == StatusCodes.Status404NotFound && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)
            ? new RazorComponentResult<NothingPage> { StatusCode = StatusCodes.Status404NotFound }.ExecuteAsync(context)
            : Task.CompletedTask;

    public static Task WriteAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
