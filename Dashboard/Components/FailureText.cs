using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Actions;
using Sweep.Dashboard.Live;

namespace Sweep.Dashboard.Components;

/// <summary>What a page says of an exception: what its reader can do something about, and never a stack trace.</summary>
internal static class FailureText
{
    public static string Of(Exception exception) => exception switch
    {
        StoreUnavailableException => $"The results store does not answer: {exception.Message}",
        UnknownSweepException or InvalidPlanException or ActionRefusedException => exception.Message,
        TimeoutException => "The cluster did not answer in time. It may be busy: try again in a moment.",
        Orleans.Runtime.OrleansException => "The cluster cannot be reached now.",
        _ => "This page met an error of Sweep itself. It is in the server's log.",
    };
}
