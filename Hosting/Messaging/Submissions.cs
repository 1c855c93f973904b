using System.Diagnostics;
using MassTransit;
using Sweep.Contracts.Diagnostics;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging;

/// <summary>Commands that bring a plan: inbox and sweep, or inbox and rejection, in one transaction; then the coordinator is told.</summary>
internal sealed class Submissions(ISweepStore store, Coordinators coordinators, TimeProvider time)
{
    /// <param name="context">The delivery.</param>
    /// <param name="key">The command's own key.</param>
    /// <param name="read">Throws <see cref="InvalidPlanException"/> with every problem.</param>
    public async Task HandleAsync<T>(ConsumeContext<T> context, string? key, Func<SubmittedPlan> read)
        where T : class
    {
        var message = Deliveries.Of(context);
        SubmittedPlan submitted;
        try
        {
            submitted = read();
        }
        catch (InvalidPlanException refused)
        {
            var rejected = new SweepRejected { Command = MessageNames.Of<T>(), CommandId = message.MessageId, Key = key, Problems = refused.Problems, At = time.GetUtcNow() };
            await store.TryHandleAsync(message, [SweepEvents.Of(rejected)], context.CancellationToken);
            await context.AnswerAsync(rejected);
            return;
        }

        using var span = SweepTrace.Start("sweep.submit", submitted.SweepId, ActivityKind.Consumer);
        var submission = new SweepSubmission { SweepId = submitted.SweepId, Plan = submitted.Plan, PlanText = submitted.Text, Key = key, Message = message, Reopen = true };
        if ((await store.SubmitAsync(submission, context.CancellationToken)).Sweep is not { } sweep)
            return;
        await coordinators.PokeAsync(sweep.Id, context.CancellationToken);
        await context.AnswerAsync(new SweepSubmitted { SweepId = sweep.Id, Name = sweep.Plan.Name, Owner = sweep.Plan.Owner, Key = sweep.SubmitKey, SubmittedAt = sweep.SubmittedAt });
    }
}
