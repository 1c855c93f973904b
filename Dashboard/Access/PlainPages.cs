using Microsoft.AspNetCore.Http;

namespace Sweep.Dashboard.Access;

/// <summary>What a browser is told where no page can be shown.</summary>
internal static class PlainPages
{
    public static Task ForbidAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status403Forbidden, "Your role does not allow this. Ask an admin of this dashboard for another one.");

    public static Task WriteAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
