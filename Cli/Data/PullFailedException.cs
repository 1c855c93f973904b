namespace Sweep.Cli.Data;

/// <summary>A file that could not be had; the message names its address, what was found and what was expected.</summary>
internal sealed class PullFailedException(string url, string found, string expected) : Exception($"{url}: found {found}, expected {expected}");
