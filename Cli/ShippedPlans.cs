namespace Sweep.Cli;

/// <summary>The folder of the plans that ship: $SWEEP_HOME/plans, else the nearest above the program.</summary>
internal static class ShippedPlans
{
    public const string Demo = "demo.yaml";

    public static string? Folder
    {
        get
        {
            for (var folder = new DirectoryInfo(Start); folder is not null; folder = folder.Parent)
            {
                var plans = Path.Combine(folder.FullName, "plans");
                if (File.Exists(Path.Combine(plans, Demo)))
                    return plans;
            }

            return null;
        }
    }

    public static string Find(string plan) => Folder is { } folder
        ? Path.Combine(folder, plan)
        : throw new WrongInputException($"{plan}: found no plans/{Demo} in or above {Start}, expected the repository (set SWEEP_HOME)");

    private static string Start => Environment.GetEnvironmentVariable("SWEEP_HOME") is { Length: > 0 } home ? home : AppContext.BaseDirectory;
}
