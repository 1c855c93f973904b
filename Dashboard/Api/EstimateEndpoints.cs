using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Actions;

namespace Sweep.Dashboard.Api;

/// <summary>What a plan would come to, before it is submitted.</summary>
internal static class EstimateEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/estimate", EstimateAsync).WithTags("sweeps").RequireAuthorization(AccessPolicies.Operator)
        .WithName("estimatePlan").WithSummary("Jobs, cost, saved work and power of a plan; nothing is stored or run")
        .WithMetadata(new AcceptsMetadata(PlanBody.Types, typeof(string)))
        .Produces<PlanEstimate>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> EstimateAsync(IPlanEstimator estimator, HttpContext context)
    {
        var text = await PlanBody.ReadAsync(context.Request, context.RequestAborted);
        try
        {
            return Results.Ok(await estimator.EstimateAsync(PlanReader.Read(text, "plan"), context.RequestAborted));
        }
        catch (InvalidPlanException refused)
        {
            // What is wrong with its files has no place in the text.
            var problems = refused.Placed.Count > 0 ? refused.Placed : [.. refused.Problems.Select(problem => new PlacedProblem(1, 1, new PlanProblem("", problem)))];
            return ApiProblems.Of(new ActionOutcome { Kind = ActionKind.Invalid, Message = "the plan cannot be run", Problems = problems });
        }
        catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException or GrainCallFailedException)
        {
            return ApiProblems.Of(StatusCodes.Status503ServiceUnavailable, "no worker that has the plan's files answered; try again");
        }
    }
}
