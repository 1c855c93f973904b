using Microsoft.AspNetCore.Components.Authorization;
using Sweep.Contracts.Plans;

namespace Sweep.Dashboard.Actions;

/// <summary>What the viewer of a page may do to sweeps; every page does it through here, as who they are logged in.</summary>
internal sealed class SweepActions(GuardedActions actions, AuthenticationStateProvider viewer)
{
    public Task PauseAsync(string sweepId) => DoAsync(who => actions.PauseAsync(who, sweepId, CancellationToken.None));

    public Task ResumeAsync(string sweepId) => DoAsync(who => actions.ResumeAsync(who, sweepId, CancellationToken.None));

    public Task CancelAsync(string sweepId) => DoAsync(who => actions.CancelAsync(who, sweepId, CancellationToken.None));

    public Task RemoveAsync(string sweepId, CancellationToken cancellationToken) => DoAsync(who => actions.RemoveAsync(who, sweepId, cancellationToken));

    /// <summary>Gives a batch that was set aside to the workers again.</summary>
    public Task RetryAsync(string batchId) => DoAsync(who => actions.RetryAsync(who, batchId, CancellationToken.None));

    /// <summary>The id of the sweep that runs.</summary>
    /// <exception cref="InvalidPlanException">Every problem of the plan.</exception>
    /// <exception cref="ActionRefusedException">Anything else that is not done.</exception>
    public async Task<string> SubmitAsync(string planText) => (await DoAsync(who => actions.SubmitAsync(who, planText, key: null, CancellationToken.None))).SweepId!;

    private async Task<ActionOutcome> DoAsync(Func<System.Security.Claims.ClaimsPrincipal, Task<ActionOutcome>> action)
    {
        var outcome = await action((await viewer.GetAuthenticationStateAsync()).User);
        return outcome.Kind switch
        {
            ActionKind.Done => outcome,
            ActionKind.Invalid when outcome.Problems.Count > 0 => throw new InvalidPlanException("plan", outcome.Problems),
            _ => throw new ActionRefusedException(outcome.Message ?? ""),
        };
    }
}

/// <summary>An action that was not done; the message says why, for the page that asked.</summary>
internal sealed class ActionRefusedException(string message) : Exception(message);
