namespace Sweep.Cli;

/// <summary>Arguments that cannot be used; the message names what was found and what was expected.</summary>
internal sealed class UsageException(string message) : Exception(message);
