namespace Sweep.Execution.Hub;

/// <summary>A model could not be had, or the cache cannot be used; the message says where, what was found and what was expected.</summary>
public sealed class HubFailedException(string place, string found, string expected) : Exception($"{place}: found {found}, expected {expected}");
