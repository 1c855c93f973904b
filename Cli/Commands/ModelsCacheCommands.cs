using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Cli.Hub;
using Sweep.Contracts.Json;
using Sweep.Execution.Hub;

namespace Sweep.Cli.Commands;

/// <summary>`sweep models list`, `verify` and `rm`: the cache of a hub's models.</summary>
internal static class ModelsCacheCommands
{
    public static Command CreateList()
    {
        var (cache, json) = (HubArguments.Cache(), CommonOptions.Json());
        var command = new Command("list", "Models that were fetched.") { cache, json };
        command.SetAction(parsed =>
        {
            var here = new ModelCache(HubArguments.Options(parsed.GetValue(cache), null).Cache);
            var models = here.List();
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(models, SweepJson.Indented));
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("model", "revisions", "commit", "files", "size", "fetched");
            foreach (var model in models)
            {
                var provenance = model.Provenance;
                var day = model.PulledAt.ToLocalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                table.AddRow(provenance.Repository, string.Join(", ", model.Revisions), provenance.Commit[..12], provenance.Files.Count.ToString(CultureInfo.InvariantCulture), PullView.Size(model.Bytes), day);
            }

            AnsiConsole.Write(table);
            Console.WriteLine($"in {here.Root}{(here.Parts() is { Count: > 0 } parts ? $"; {parts.Count} files are not complete ({PullView.Size(parts.Bytes)}), the same pull goes on with them" : "")}");
            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateVerify()
    {
        var (name, cache) = (Names(ArgumentArity.ZeroOrMore), HubArguments.Cache());
        var command = new Command("verify", "Read fetched models again and compare every file with its SHA-256; all of them when none is named.") { name, cache };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var here = new ModelCache(HubArguments.Options(parsed.GetValue(cache), null).Cache);
            var isWhole = true;
            foreach (var model in parsed.GetValue(name) is { Length: > 0 } names ? names.SelectMany(word => Find(here, word)).ToArray() : [.. here.List()])
            {
                var problems = await here.VerifyAsync(model, cancellationToken);
                foreach (var problem in problems)
                    Console.Error.WriteLine($"sweep: {problem}");
                var pinned = $"{model.Provenance.Repository}@{model.Provenance.Commit}";
                Console.WriteLine(problems.Count == 0
                    ? $"{pinned}: {model.Provenance.Files.Count} files, {PullView.Size(model.Bytes)}, as they were fetched"
                    : $"{pinned}: broken; 'sweep models rm {pinned}', then pull it again");
                isWhole &= problems.Count == 0;
            }

            return isWhole ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    public static Command CreateRemove()
    {
        var (name, cache) = (Names(ArgumentArity.ZeroOrMore), HubArguments.Cache());
        var parts = new Option<bool>("--parts") { Description = "Remove what of unfinished pulls is there, too." };
        var command = new Command("rm", "Remove fetched models, and contents that no other has: one commit, or all that are here of a model named without a revision.") { name, cache, parts };
        command.SetAction(parsed =>
        {
            var here = new ModelCache(HubArguments.Options(parsed.GetValue(cache), null).Cache);
            var names = parsed.GetValue(name)!;
            if (names.Length == 0 && !parsed.GetValue(parts))
                throw new WrongInputException("model: found none, expected ORG/NAME or ORG/NAME@REVISION, or --parts");
            CachedModel[] models = [.. names.SelectMany(word => Find(here, word)).DistinctBy(model => model.Folder)];
            var free = here.Remove(models, parsed.GetValue(parts));
            foreach (var model in models)
                Console.WriteLine($"{model.Provenance.Repository}@{model.Provenance.Commit}: removed");
            Console.WriteLine($"{PullView.Size(free)} are free again");
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<string[]> Names(ArgumentArity arity) => new("model") { Description = "ORG/NAME, or ORG/NAME@REVISION.", Arity = arity };

    private static CachedModel[] Find(ModelCache cache, string word)
    {
        var model = HubArguments.Model(word);
        CachedModel[] found = word.Contains('@', StringComparison.Ordinal)
            ? cache.Find(model) is { } one ? [one] : []
            : [.. cache.List().Where(cached => cached.Provenance.Repository == model.Repository)];
        return found.Length > 0 ? found : throw new WrongInputException($"{cache.Root}: found no {word}, expected a model that 'sweep models list' shows");
    }
}
