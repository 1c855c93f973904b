using System.CommandLine;
using Sweep.Cli.Hub;
using Sweep.Execution.Hub;

namespace Sweep.Cli.Commands;

/// <summary>`sweep models pull ORG/NAME[@REVISION]`: a hub's model, into the cache.</summary>
internal static class ModelsPullCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("model") { Description = "ORG/NAME, or ORG/NAME@REVISION with a branch, a tag or a commit." };
        var (endpoint, cache) = (HubArguments.Endpoint(), HubArguments.Cache());
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be fetched." };
        var command = new Command("pull", $"Fetch a model's safetensors, JSON and tokenizer files: checked, and gone on with where it broke off. ${HubOptions.TokenVariable} is the token for what is not public.") { name, endpoint, cache, dryRun };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var model = HubArguments.Model(parsed.GetValue(name)!);
            var options = HubArguments.Options(parsed.GetValue(cache), parsed.GetValue(endpoint));
            using var hub = HubArguments.Open(options);
            var pull = await hub.PrepareAsync(model, cancellationToken);
            PullView.Print(pull, options.Endpoint, Console.Out);
            if (parsed.GetValue(dryRun))
                return ExitCode.Done;
            var cached = await hub.PullAsync(pull, pull.MissingBytes > 0 ? new PullView.Progress(Console.Error) : null, cancellationToken);
            Console.WriteLine(cached.Folder);
            Console.WriteLine($"plans name it hf:{model.Repository}@{pull.Commit}{(model.IsPinned ? "" : $", or hf:{model.Repository}@{model.Revision} for what that is when they are resolved")}");
            return ExitCode.Done;
        });
        return command;
    }
}
