using Spectre.Console;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>Runs command lines in this process, one at a time: what they write goes through the one console there is.</summary>
internal static class Terminal
{
    public const string Collection = "the console";

    public static async Task<CommandOutcome> RunAsync(params string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var outputWriter = new StringWriter();
        using var errorWriter = new StringWriter();
        Console.SetOut(outputWriter);
        Console.SetError(errorWriter);
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(outputWriter) });
        AnsiConsole.Profile.Width = 120;
        try
        {
            var code = await Invocation.RunAsync(CommandLine.Create(), arguments);
            return new CommandOutcome(code, outputWriter.ToString(), errorWriter.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}

[CollectionDefinition(Terminal.Collection, DisableParallelization = true)]
public sealed class TerminalCollection;

/// <summary>What a command left.</summary>
internal sealed record CommandOutcome(int ExitCode, string Output, string Error)
{
    private const int WrongInput = 2;

    public CommandOutcome Done()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}, expected 0; standard error:\n{Error}");
        return this;
    }

    /// <summary>Exit code 2, this message, nothing of a stack trace, and no result.</summary>
    public CommandOutcome Refuses(string message)
    {
        Assert.True(ExitCode == WrongInput, $"exit code {ExitCode}, expected {WrongInput}; standard error:\n{Error}");
        Assert.Contains(message, Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("an error of Sweep itself", Error, StringComparison.Ordinal);

        // A list under a message, indented, belongs to the message.
        Assert.InRange(Error.Split('\n').Count(line => line.StartsWith("sweep: ", StringComparison.Ordinal) && !line.StartsWith("sweep:  ", StringComparison.Ordinal)), 1, 3);
        Assert.Empty(Output.Trim());
        return this;
    }
}
