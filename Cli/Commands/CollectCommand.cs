using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Persistence.Access;
using Sweep.Persistence.Retention;

namespace Sweep.Cli.Commands;

/// <summary>`sweep gc --older-than 30d`: removes old sweeps and whatever nothing refers to.</summary>
internal static class CollectCommand
{
    public static Command Create()
    {
        var age = new Option<string>("--older-than") { Description = "Age since a sweep's end: a number with d, h or m, for instance 30d.", Required = true };
        var journal = new Option<string?>("--journal-older-than") { Description = "Also forget entries of the journal that are older, for instance 365d. Default: none; the dashboard forgets them after its JournalDays." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say which sweeps it would be." };
        var store = CommonOptions.Store();
        var json = CommonOptions.Json();
        var command = new Command("gc", "Remove sweeps that ended long ago, then jobs, items and calibrations that nothing refers to.") { age, journal, dryRun, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var olderThan = Age(parsed.GetValue(age)!);
            TimeSpan? ofJournal = parsed.GetValue(journal) is { } text ? Age(text, "--journal-older-than") : null;
            var choice = parsed.GetValue(store)!;
            var results = await choice.OpenAsync(cancellationToken);
            using var owned = choice.Own();
            var dry = parsed.GetValue(dryRun);
            var report = await SweepRetention.CollectAsync(results, olderThan, dry, TimeProvider.System, cancellationToken);
            if (ofJournal is { } longest && !dry)
                report = report with { Journal = await results.Access().TrimJournalAsync(longest, cancellationToken) };
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, SweepJson.Indented));
                return ExitCode.Done;
            }

            foreach (var sweep in report.Sweeps)
                Console.WriteLine(dry ? $"{sweep} would be removed" : $"{sweep} removed");
            Console.WriteLine(dry
                ? $"{report.Sweeps.Count} sweeps would be removed"
                : $"{report.Sweeps.Count} sweeps, {report.Jobs} jobs, {report.Rows} rows, {report.Items} items, {report.Artifacts} artifacts, {report.Messages} handled messages, {report.Journal} entries of the journal removed");
            return ExitCode.Done;
        });
        return command;
    }

    /// <exception cref="WrongInputException">It is no age.</exception>
    internal static TimeSpan Age(string text, string option = "--older-than")
    {
        var unit = text.Length > 1 ? text[^1] : ' ';
        if (unit is 'd' or 'h' or 'm' && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 36_500)
        {
            return unit switch
            {
                'd' => TimeSpan.FromDays(number),
                'h' => TimeSpan.FromHours(number),
                _ => TimeSpan.FromMinutes(number),
            };
        }

        throw new WrongInputException($"{option}: found '{text}', expected a number with d, h or m, for instance 30d");
    }
}
