using Microsoft.AspNetCore.Http;

namespace Sweep.Dashboard.Access;

/// <summary>On every response, whoever writes it.</summary>
internal static class SecurityHeaders
{
    /// <summary>
    /// Nothing from anywhere else, no script that is not a file of ours. Styles: MudBlazor's theme is a style element that changes with the theme, and its components set style attributes; neither
    /// takes a nonce.
    /// </summary>
    public const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'; object-src 'none'";

    /// <summary>Of a document that somebody may open by itself, such as a report: no script, no request.</summary>
    public const string DocumentPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    public static Task InvokeAsync(HttpContext context, RequestDelegate next, SweepDashboardOptions options)
    {
        // At the last moment: what handles an error clears the headers that were set before.
        context.Response.OnStarting(() =>
        {
            Set(context, options);
            return Task.CompletedTask;
        });
        return next(context);
    }

    private static void Set(HttpContext context, SweepDashboardOptions options)
    {
        var headers = context.Response.Headers;
        if (headers.ContentSecurityPolicy != DocumentPolicy)
            headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (options.IsSecure)
            headers.StrictTransportSecurity = "max-age=31536000";
        // Files of ours say themselves how long they may be kept; everything else is somebody's answer.
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
    }
}
