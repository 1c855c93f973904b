using Microsoft.Extensions.Options;
using Sweep.Contracts.Plans;
using Sweep.Evaluation;
using Sweep.Models;
using Sweep.Persistence;
using Sweep.Persistence.Sqlite;

namespace Sweep.Cli;

/// <summary>What a user reads when something goes wrong: never a stack trace.</summary>
internal static class Failures
{
    /// <summary>Prints the message and returns the exit code.</summary>
    public static int Report(Exception exception, bool interrupted)
    {
        if (interrupted && exception is OperationCanceledException)
            return ExitCodes.Interrupted;
        var (lines, code) = Describe(exception);
        foreach (var line in lines)
            Console.Error.WriteLine($"sweep: {line}");
        if (code == ExitCodes.Failed)
            Console.Error.WriteLine($"sweep: this is a bug in Sweep; details are in {WriteDetails(exception)}");
        return code;
    }

    private static (IReadOnlyList<string> Lines, int Code) Describe(Exception exception) => exception switch
    {
        InvalidPlanException plan => (plan.Problems, ExitCodes.WrongInput),
        OptionsValidationException options => ([.. options.Failures], ExitCodes.WrongInput),
        InvalidCheckpointException or InvalidDataFileException or StoreInUseException or IncompatibleStoreException or UsageException => (exception.Message.Split('\n'), ExitCodes.WrongInput),
        FileNotFoundException { FileName: { } file } => ([$"{file}: found no such file"], ExitCodes.WrongInput),
        DirectoryNotFoundException or UnauthorizedAccessException or PathTooLongException => ([exception.Message], ExitCodes.WrongInput),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => ([$"{exception.GetType().Name}: {exception.Message.Split('\n')[0]}"], ExitCodes.Failed),
    };

    private static string WriteDetails(Exception exception)
    {
        var path = Path.Combine(Path.GetTempPath(), $"sweep-fault-{Environment.ProcessId}.log");
        try
        {
            File.WriteAllText(path, exception.ToString());
            return path;
        }
        catch (IOException)
        {
            return "no file (none could be written)";
        }
    }
}
