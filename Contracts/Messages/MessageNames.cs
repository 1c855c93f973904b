namespace Sweep.Contracts.Messages;

/// <summary>The names of messages on the wire. A name never changes and is never used again for another message.</summary>
public static class MessageNames
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(SubmitSweep)] = "submit-sweep",
        [typeof(RunExperiment)] = "run-experiment",
        [typeof(CancelSweep)] = "cancel-sweep",
        [typeof(PauseSweep)] = "pause-sweep",
        [typeof(ResumeSweep)] = "resume-sweep",
        [typeof(GetSweepStatus)] = "get-sweep-status",
        [typeof(SweepStatusReply)] = "sweep-status-reply",
        [typeof(SweepSubmitted)] = "sweep-submitted",
        [typeof(SweepRejected)] = "sweep-rejected",
        [typeof(JobCompleted)] = "job-completed",
        [typeof(JobFaulted)] = "job-faulted",
        [typeof(BatchQuarantined)] = "batch-quarantined",
        [typeof(SweepProgressed)] = "sweep-progressed",
        [typeof(SweepCompleted)] = "sweep-completed",
    };

    private static readonly Dictionary<string, Type> Types = Names.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Every message, commands first.</summary>
    public static IReadOnlyCollection<Type> All => Names.Keys;

    public static string Of<T>() => Of(typeof(T));

    public static string Of(Type message) => Names.TryGetValue(message, out var name) ? name : throw new ArgumentException($"{message} is no message of Sweep", nameof(message));

    /// <summary>Null: a message of a newer version, or none.</summary>
    public static Type? TypeOf(string name) => Types.GetValueOrDefault(name);

    public static bool IsKnown(Type message) => Names.ContainsKey(message);
}
