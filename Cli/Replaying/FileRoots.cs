using System.CommandLine;

namespace Sweep.Cli.Replaying;

/// <summary>Where a command that runs recorded work again looks up the files that its plan names.</summary>
internal sealed class FileRoots
{
    private readonly Option<string[]> _root = new("--root")
    {
        Description = "A folder in which the plan's files are looked up; may be given again. Default: the current folder, its plans/, and the shipped plans.",
        HelpName = "folder",
    };

    private readonly Option<string?> _plan = new("--plan")
    {
        Description = "The plan file that the work was run from, beside which its files are looked up first.",
        HelpName = "file",
        CustomParser = OptionValues.FileName,
    };

    public FileRoots(Command command)
    {
        command.Options.Add(_root);
        command.Options.Add(_plan);
    }

    public string[] Of(ParseResult parsed)
    {
        var plan = parsed.GetValue(_plan);
        if (plan is not null && !File.Exists(plan))
            throw new WrongInputException($"--plan: found no file '{plan}', expected the plan that the work was run from");
        var roots = parsed.GetValue(_root) ?? [];
        if (roots.FirstOrDefault(root => !Directory.Exists(root)) is { } missing)
            throw new WrongInputException($"--root: found no folder '{missing}', expected one in which the plan's files are looked up");
        string[] named = [.. plan is null ? [] : CommonOptions.RootsOf(plan), .. roots];
        return named.Length > 0 ? named : Default();
    }

    private static string[] Default()
    {
        var here = Directory.GetCurrentDirectory();
        return [here, Path.Combine(here, "plans"), .. ShippedPlans.Folder is { } shipped ? (string[])[shipped] : []];
    }
}
