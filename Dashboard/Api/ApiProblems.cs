using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Actions;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Api;

/// <summary>Everything that is no answer, as problem documents (RFC 9457).</summary>
internal static class ApiProblems
{
    public const string InvalidPlan = "urn:sweep:invalid-plan";

    public static IResult Of(int status, string detail) => Results.Problem(detail, statusCode: status);

    public static Task WriteAsync(HttpContext context, int status, string detail) => Of(status, detail).ExecuteAsync(context);

    /// <summary>A role that does not suffice; where something was to be changed the journal has it.</summary>
    public static async Task ForbidAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            var entry = new JournalEntry
            {
                Actor = Identities.ActorOf(context.User),
                Action = context.Request.Method,
                Target = context.Request.Path.Value ?? "",
                Origin = ClientAddress.Of(context),
                Outcome = JournalOutcome.Refused,
                Detail = $"role {Identities.RoleOf(context.User)}",
            };
            await context.RequestServices.GetRequiredService<ISweepStore>().Access().WriteJournalAsync(entry, context.RequestAborted);
        }

        await WriteAsync(context, StatusCodes.Status403Forbidden, $"role {Identities.RoleOf(context.User)} does not allow this");
    }

    /// <param name="outcome">One that is not done.</param>
    public static IResult Of(ActionOutcome outcome) => outcome.Kind switch
    {
        ActionKind.Invalid => Results.Problem(
            outcome.Message,
            statusCode: StatusCodes.Status400BadRequest,
            title: "Invalid plan",
            type: InvalidPlan,
            extensions: [KeyValuePair.Create("errors", (object?)outcome.Problems.Select(problem => new PlanError(problem.Problem.Path, problem.Line, problem.Column, problem.Problem.Message)).ToArray())]),
        ActionKind.Denied => Of(StatusCodes.Status403Forbidden, outcome.Message!),
        ActionKind.NotFound => Of(StatusCodes.Status404NotFound, outcome.Message!),
        ActionKind.Conflict => Of(StatusCodes.Status409Conflict, outcome.Message!),
        ActionKind.Unavailable => Of(StatusCodes.Status503ServiceUnavailable, outcome.Message!),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.Kind, "expected one that is not done"),
    };
}

/// <summary>One problem of a plan.</summary>
/// <param name="Path">Of the field, for instance bottlenecks[0].channels; empty: the plan as a whole.</param>
/// <param name="Line">In the body, from 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Detail">What was found and what was expected.</param>
internal sealed record PlanError(string Path, int Line, int Column, string Detail);
