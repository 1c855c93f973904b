using System.CommandLine;
using Microsoft.Extensions.Options;
using Sweep.Cli.Data;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Evaluation;
using Sweep.Evaluation.Ruler;
using Sweep.Execution.Hub;
using Sweep.Models;
using Sweep.Persistence;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Retention;

namespace Sweep.Cli;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongInput = 2;
    public const int Interrupted = 130;
}

/// <summary>Input that a command cannot use and that no library has a message for.</summary>
internal sealed class WrongInputException(string message) : Exception(message);

/// <summary>Runs a command line and turns what can go wrong into one message and an exit code.</summary>
internal static class Invocation
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Refuse(parsed.Errors.Select(error => error.Message));
            var command = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            Console.Error.WriteLine($"('sweep{command} --help' says how it is used)");
            return ExitCode.WrongInput;
        }

        try
        {
            if (TorchLibrary.Preload() is { } problem)
                throw new WrongInputException(problem);
            // Draining ends the running micro-batch: seconds, not the default two.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("sweep: interrupted");
            return ExitCode.Interrupted;
        }
        catch (InvalidPlanException exception)
        {
            return Refuse(exception.Problems);
        }
        catch (OptionsValidationException exception)
        {
            return Refuse(exception.Failures);
        }
        catch (Exception exception) when (exception is WrongInputException or InvalidCheckpointException or InvalidDataFileException or HubFailedException or RulerSourceException or StoreInUseException or SweepInUseException or StoreSettingsException or IncompatibleStoreException or StoreUnavailableException)
        {
            return Refuse([exception.Message]);
        }
        catch (PullFailedException exception)
        {
            Console.Error.WriteLine($"sweep: {exception.Message}");
            return ExitCode.Failed;
        }
        catch (UnauthorizedAccessException exception)
        {
            return Refuse([$"{exception.Message.TrimEnd('.')}, expected permission to use it"]);
        }
        catch (IOException exception)
        {
            return Refuse([exception.Message]);
        }
        catch (Exception exception)
        {
            var log = Path.Combine(Path.GetTempPath(), $"sweep-error-{Environment.ProcessId}.log");
            await File.WriteAllTextAsync(log, exception.ToString());
            Console.Error.WriteLine($"sweep: an error of Sweep itself: {exception.Message} (details in {log})");
            return ExitCode.Failed;
        }
    }

    private static int Refuse(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
            Console.Error.WriteLine($"sweep: {problem}");
        return ExitCode.WrongInput;
    }
}
