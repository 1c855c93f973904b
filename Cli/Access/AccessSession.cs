using System.CommandLine;
using Sweep.Cli.Stores;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Access;

namespace Sweep.Cli.Access;

/// <summary>Users and tokens of a store. A dashboard that works on the same file goes on: nothing here touches a sweep.</summary>
internal static class AccessSession
{
    public static Option<AccessRole> Role() => new("--role")
    {
        Description = "viewer (looks and exports), operator (submits, pauses, resumes, cancels too) or admin (removes too, and sees the journal).",
        HelpName = "viewer|operator|admin",
        Required = true,
        CustomParser = result => OptionValues.OneOf(result, ("viewer", AccessRole.Viewer), ("operator", AccessRole.Operator), ("admin", AccessRole.Admin)),
    };

    public static async Task<IAccessStore> OpenAsync(StoreChoice choice, bool create, CancellationToken cancellationToken) =>
        (create ? await choice.OpenOrCreateAsync(cancellationToken) : await choice.OpenAsync(cancellationToken)).Access();

    public static AccessAdministration Administration(IAccessStore access) => new(access, $"command:{Environment.UserName}", Environment.MachineName, TimeProvider.System);

    /// <summary>Says what was done, or refuses.</summary>
    public static int Finish(string? problem, string done)
    {
        if (problem is not null)
            throw new WrongInputException(problem);
        Console.WriteLine(done);
        return ExitCode.Done;
    }
}
