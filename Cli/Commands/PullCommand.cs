using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Sweep.Cli.Data;

namespace Sweep.Cli.Commands;

/// <summary>`sweep data list` and `sweep data pull NAME`: published benchmark files, from their own homes.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("name") { Description = $"One or more of {string.Join(", ", DataCatalog.All.Select(source => source.Name))}.", Arity = ArgumentArity.OneOrMore };
        var root = Root();
        var mirror = new Option<Uri?>("--mirror")
        {
            Description = "Fetch from URL/HOST/PATH instead of https://HOST/PATH; http for this machine only.",
            HelpName = "url",
            CustomParser = result =>
            {
                if (Uri.TryCreate(OptionValues.Word(result), UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
                    return url;
                result.AddError($"--mirror: found '{OptionValues.Word(result)}', expected an https address");
                return null;
            },
        };
        var force = new Option<bool>("--force") { Description = "Fetch files that are there already, and record their sums anew." };
        var command = new Command("pull", "Fetch published files from their own homes: checked, resumed where they broke off.") { names, root, mirror, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var sources = parsed.GetValue(names)!.Select(name => DataCatalog.All.FirstOrDefault(source => source.Name == name)
                ?? throw new WrongInputException($"name: found '{name}', expected one of {string.Join(", ", DataCatalog.All.Select(source => source.Name))}")).Distinct().ToArray();
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(30) };
            using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.UserAgent.ParseAdd("sweep-data");
            var pull = new DataPull(new DataRoot(parsed.GetValue(root)!), new Download(client, TimeProvider.System, new DownloadLine()), parsed.GetValue(mirror), Console.Out);
            foreach (var source in sources)
            {
                Console.WriteLine($"{source.Name}: licence {source.Licence}");
                await pull.PullAsync(source, parsed.GetValue(force), cancellationToken);
            }

            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateList()
    {
        var root = Root();
        var command = new Command("list", "What can be pulled, and what is there.") { root };
        command.SetAction(parsed =>
        {
            var folder = new DataRoot(parsed.GetValue(root)!);
            var table = new Table().Border(TableBorder.Simple).AddColumns("name", "benchmark", "file", "checksum", "here", "home");
            foreach (var source in DataCatalog.All)
            {
                foreach (var (index, file) in source.Files.Index())
                {
                    var isHere = File.Exists(folder.PathOf(source, file)) ? "yes" : "no";
                    table.AddRow(index == 0 ? source.Name : "", index == 0 ? source.Benchmark : "", file.Target, file.Sha256 is null ? "recorded" : "published", isHere, new Uri(file.Url).Host);
                }
            }

            AnsiConsole.Write(table);
            Console.WriteLine("published: compared with the sum that publications state; recorded: with that of the first pull");
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string> Root() => new("--root")
    {
        Description = "The data root: one folder a name is made in it.",
        HelpName = "folder",
        DefaultValueFactory = _ => "data",
        CustomParser = OptionValues.FileName,
    };

    /// <summary>A line every tenth of a file, or every 16 MiB where its length is not known.</summary>
    private sealed class DownloadLine : IProgress<DownloadProgress>
    {
        private long _next;

        public void Report(DownloadProgress value)
        {
            // A new file begins again at the first step.
            var step = value.Total is { } total ? Math.Max(total / 10, 1 << 20) : 16L << 20;
            if (value.Done < _next - step)
                _next = 0;
            if (value.Done < _next)
                return;
            _next = value.Done + step;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {value.Done / 1048576.0:0.0} MiB{(value.Total is { } all ? $" of {all / 1048576.0:0.0}" : "")}"));
        }
    }
}
