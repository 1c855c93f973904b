using MassTransit;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging;

/// <summary>Commands that change a sweep's state: inbox and state, or inbox and rejection, in one transaction; then the coordinator is told.</summary>
internal sealed class StateChanges(ISweepStore store, Coordinators coordinators, TimeProvider time)
{
    public async Task HandleAsync<T>(ConsumeContext<T> context, string sweepId, Func<SweepRecord, SweepTransition> change)
        where T : class
    {
        var message = Deliveries.Of(context);
        var sweep = await store.FindSweepAsync(sweepId, context.CancellationToken);
        var transition = sweep is null ? null : change(sweep);
        if (sweep is null || transition is null)
        {
            await RejectAsync(context, message, sweepId, $"sweep_id: found '{sweepId}', expected a sweep that is in the store");
            return;
        }

        if (sweep.State != transition.To && !transition.From.Contains(sweep.State))
        {
            await RejectAsync(context, message, sweepId, $"sweep '{sweepId}': found it {sweep.State}, expected it {string.Join(" or ", transition.From)}");
            return;
        }

        // A duplicate changes nothing, and a sweep that has just moved on by itself stays where it is.
        await store.TrySetStateAsync(sweepId, transition.From, transition.To, transition.Reason, message, context.CancellationToken);
        await coordinators.PokeAsync(sweepId, context.CancellationToken);
        if (context.WantsAnswer())
            await context.AnswerAsync(StatusReplies.Of(await coordinators.GetStatusAsync(sweepId)));
    }

    private async Task RejectAsync<T>(ConsumeContext<T> context, InboxMessage message, string sweepId, string problem)
        where T : class
    {
        var rejected = new SweepRejected { Command = MessageNames.Of<T>(), CommandId = message.MessageId, SweepId = sweepId, Problems = [problem], At = time.GetUtcNow() };
        await store.TryHandleAsync(message, [SweepEvents.Of(rejected)], context.CancellationToken);
        await context.AnswerAsync(rejected);
    }
}
