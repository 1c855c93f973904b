namespace Sweep.Models;

/// <summary>A model folder that cannot be used; the message names the file, the place in it, what was found and what was expected.</summary>
public sealed class InvalidCheckpointException : Exception
{
    public InvalidCheckpointException(string message)
        : base(message)
    {
    }

    public InvalidCheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
