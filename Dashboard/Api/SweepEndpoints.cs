using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Actions;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Api;

/// <summary>Sweeps: submit, list, look at, change.</summary>
internal static class SweepEndpoints
{
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(3);

    public static void Map(RouteGroupBuilder api)
    {
        var sweeps = api.MapGroup("/sweeps").WithTags("sweeps");
        sweeps.MapPost("", SubmitAsync).RequireAuthorization(AccessPolicies.Operator).WithName("submitSweep").WithSummary("Submit a plan, YAML or JSON")
            .WithDescription("The same plan is the same sweep and goes on where it was. With Idempotency-Key the call may be repeated: the key means the sweep that it came with first.")
            .WithMetadata(new AcceptsMetadata(PlanBody.Types, typeof(string)))
            .Produces<SubmissionView>().Produces<SubmissionView>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        sweeps.MapGet("", ListAsync).RequireAuthorization(AccessPolicies.Viewer).WithName("listSweeps").WithSummary("Sweeps, newest first").Produces<SweepPage>();
        sweeps.MapGet("/{id}", ShowAsync).RequireAuthorization(AccessPolicies.Viewer).WithName("getSweep").WithSummary("A sweep's state, progress and cost").Produces<SweepDetail>().ProducesProblem(StatusCodes.Status404NotFound);
        sweeps.MapGet("/{id}/plan", PlanAsync).RequireAuthorization(AccessPolicies.Viewer).WithName("getPlan").WithSummary("The plan as it was submitted").Produces<string>(contentType: "text/plain").ProducesProblem(StatusCodes.Status404NotFound);
        Change(sweeps.MapPost("/{id}/cancel", (GuardedActions actions, HttpContext context, string id) => ChangeAsync(actions.CancelAsync, context, id)), AccessPolicies.Operator, "cancelSweep", "Cancel a sweep; its results so far stay");
        Change(sweeps.MapPost("/{id}/pause", (GuardedActions actions, HttpContext context, string id) => ChangeAsync(actions.PauseAsync, context, id)), AccessPolicies.Operator, "pauseSweep", "Give no more work of a sweep out until it is resumed");
        Change(sweeps.MapPost("/{id}/resume", (GuardedActions actions, HttpContext context, string id) => ChangeAsync(actions.ResumeAsync, context, id)), AccessPolicies.Operator, "resumeSweep", "Let a paused sweep go on");
        Change(sweeps.MapDelete("/{id}", (GuardedActions actions, HttpContext context, string id) => ChangeAsync(actions.RemoveAsync, context, id)), AccessPolicies.Admin, "removeSweep", "Remove a sweep at its end, and its results that no other sweep has");
        Change(sweeps.MapPost("/{id}/batches/{number:int}/retry", (GuardedActions actions, HttpContext context, string id, int number) => ChangeAsync((who, sweep, cancellationToken) => actions.RetryAsync(who, $"{sweep}/{number}", cancellationToken), context, id)), AccessPolicies.Operator, "retryBatch", "Give a batch that was set aside to the workers again");
    }

    private static void Change(RouteHandlerBuilder endpoint, string policy, string name, string summary) => endpoint.RequireAuthorization(policy).WithName(name).WithSummary(summary)
        .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> SubmitAsync(GuardedActions actions, HttpContext context)
    {
        var text = await PlanBody.ReadAsync(context.Request, context.RequestAborted);
        var key = context.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } given ? given : null;
        var outcome = await actions.SubmitAsync(context.User, text, key, context.RequestAborted);
        if (outcome.Kind != ActionKind.Done)
            return ApiProblems.Of(outcome);
        var view = new SubmissionView { SweepId = outcome.SweepId!, Created = outcome.Created };
        return outcome.Created ? Results.Created($"/api/v1/sweeps/{view.SweepId}", view) : Results.Ok(view);
    }

    /// <param name="store">Holds them.</param>
    /// <param name="state">Only those in this state.</param>
    /// <param name="owner">Only those of this owner.</param>
    /// <param name="search">Only those whose id, name or owner holds this.</param>
    /// <param name="stages">Also the stages of searches.</param>
    /// <param name="after">The last id of the page before.</param>
    /// <param name="limit">At most so many, 1 to 500.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    private static async Task<IResult> ListAsync(
        ISweepStore store, SweepState? state, string? owner, string? search, bool? stages, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Problem(limit) is { } problem)
            return problem;
        var most = limit ?? Paging.Usual;
        // One more tells whether there is a next page.
        var page = await store.Queries().ListSweepsAsync(
            new SweepListQuery { State = state, Owner = owner, Text = search, WithStages = stages == true, After = after, Take = most + 1 }, cancellationToken);
        var found = page.Sweeps.Select(SweepView.Of).ToArray();
        return Results.Ok(new SweepPage { Sweeps = [.. found.Take(most)], Next = found.Length > most ? found[most - 1].Id : null });
    }

    private static async Task<IResult> ShowAsync(ISweepStore store, IGrainFactory grains, LiveScope scope, string id, CancellationToken cancellationToken)
    {
        if (await SweepFinder.FindAsync(store, id, cancellationToken) is not { } sweep)
            return SweepFinder.Missing(id);
        return Results.Ok(new SweepDetail { Sweep = SweepView.Of(sweep), Cost = await store.ReadCostAsync(id, cancellationToken), Progress = await ProgressAsync(grains, scope, sweep, cancellationToken) });
    }

    private static async Task<SweepStatus?> ProgressAsync(IGrainFactory grains, LiveScope scope, SweepRecord sweep, CancellationToken cancellationToken)
    {
        if (sweep.State.IsFinal() || !scope.Includes(sweep.Id))
            return null;
        try
        {
            return await grains.GetGrain<ISweepCoordinatorGrain>(sweep.Id).GetStatusAsync().WaitAsync(StatusPatience, cancellationToken);
        }
        catch (Exception exception) when (Silence.Is(exception))
        {
            return null;
        }
    }

    private static async Task<IResult> PlanAsync(ISweepStore store, string id, CancellationToken cancellationToken) =>
        await SweepFinder.FindAsync(store, id, cancellationToken) is { } sweep ? Results.Text(sweep.PlanText, "text/plain; charset=utf-8") : SweepFinder.Missing(id);

    private static async Task<IResult> ChangeAsync(Func<System.Security.Claims.ClaimsPrincipal, string, CancellationToken, Task<ActionOutcome>> action, HttpContext context, string id)
    {
        if (!SweepFinder.IsId(id))
            return SweepFinder.Missing(id);
        var outcome = await action(context.User, id, context.RequestAborted);
        return outcome.Kind == ActionKind.Done ? Results.NoContent() : ApiProblems.Of(outcome);
    }
}
