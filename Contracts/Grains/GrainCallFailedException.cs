namespace Sweep.Contracts.Grains;

/// <summary>
/// What a grain's caller gets where the grain failed with an exception that only its own process knows (a database driver's, for instance): its message and the name of its type.
/// </summary>
[GenerateSerializer]
[Alias("sweep.GrainCallFailedException")]
public sealed class GrainCallFailedException : Exception
{
    public GrainCallFailedException(string message, string errorType)
        : base(message) => ErrorType = errorType;

    /// <summary>Full name of the original exception's type.</summary>
    [Id(0)]
    public string ErrorType { get; private set; }
}
