using Microsoft.EntityFrameworkCore;

namespace Sweep.Persistence;

/// <summary>
/// Which schemas this version of Sweep works on. Migrations expand first and contract in a later release: an expansion raises the version only, a contraction raises the oldest
/// compatible version too, to the first release that does without what it removes.
/// </summary>
internal static class SchemaVersion
{
    /// <summary>The schema that this version's migrations make. 1 had no schema_info, 2 no pairs in the ledger, 3 no users, tokens, journal and protection keys.</summary>
    public const int Current = 4;

    /// <summary>Why a store cannot be used, or null.</summary>
    /// <param name="context">Open or not.</param>
    /// <param name="place">The store, for messages.</param>
    /// <param name="migrate">The command that brings it up to date.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<string?> RefusalAsync(SweepDbContext context, string place, string migrate, CancellationToken cancellationToken)
    {
        var found = await context.SchemaInfo.AsNoTracking().FirstOrDefaultAsync(cancellationToken);
        if (found is null)
            return $"{place}: found no row in schema_info, expected schema {Current}. Run '{migrate}'.";
        if (found.Version < Current)
            return $"{place}: found schema {found.Version}, expected {Current} or a later compatible one. Run '{migrate}'.";
        return found.OldestCompatible > Current
            ? $"{place}: found schema {found.Version}, which needs a Sweep of schema {found.OldestCompatible} or later; this one has {Current}. Use a newer version of Sweep."
            : null;
    }
}
