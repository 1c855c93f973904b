namespace Sweep.Persistence.Access;

/// <summary>How something that somebody asked for ended.</summary>
public enum JournalOutcome
{
    /// <summary>It was begun; that it stays so means that its process ended before it could say more.</summary>
    Asked,
    Done,

    /// <summary>Not allowed, or wrong.</summary>
    Refused,

    /// <summary>It could not be done.</summary>
    Failed,
}

/// <summary>Who changed what, when and from where.</summary>
public sealed record JournalEntry
{
    public const int LongestText = 500;

    /// <summary>Of the detail, which holds every problem of a refused plan.</summary>
    public const int LongestDetail = 4000;

    /// <summary>A plan that somebody asked to be run, whichever way it came.</summary>
    public const string Submit = "sweep.submit";

    /// <summary>Given by the store; 0: not written yet.</summary>
    public long Id { get; init; }

    /// <summary>Given by the store.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>"user:NAME", "token:ID", "command:USER", "loopback".</summary>
    public required string Actor { get; init; }

    /// <summary>"sweep.cancel", "token.revoke", "login".</summary>
    public required string Action { get; init; }

    /// <summary>The sweep, user or token.</summary>
    public required string Target { get; init; }

    /// <summary>Address of the client, or the machine's name.</summary>
    public required string Origin { get; init; }

    public required JournalOutcome Outcome { get; init; }

    public string? Detail { get; init; }
}
