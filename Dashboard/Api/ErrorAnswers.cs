using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;

namespace Sweep.Dashboard.Api;

/// <summary>What is left of an exception on the outside: no type, no stack, no message of a library.</summary>
internal sealed partial class ErrorAnswers(ILogger<ErrorAnswers> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, $"the body is too long, expected at most {PlanBody.MostBytes} bytes"),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            StoreUnavailableException => (StatusCodes.Status503ServiceUnavailable, "the store does not answer; try again"),
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => (StatusCodes.Status499ClientClosedRequest, "the client went away"),
            _ => (StatusCodes.Status500InternalServerError, $"an error of Sweep itself; its log has it under {httpContext.TraceIdentifier}"),
        };
        if (status == StatusCodes.Status500InternalServerError)
            LogError(httpContext.TraceIdentifier, exception);
        if (httpContext.Request.Path.StartsWithSegments("/api"))
            await ApiProblems.WriteAsync(httpContext, status, detail);
        else
            await PlainPages.WriteAsync(httpContext, status, detail);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Trace} met an error")]
    private partial void LogError(string trace, Exception exception);
}
