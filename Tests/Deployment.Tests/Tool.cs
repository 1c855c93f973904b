using System.Diagnostics;
using System.Text;
using Xunit;

namespace Sweep.Deployment.Tests;

/// <summary>A program of the machine that tests need.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static bool IsContinuousIntegration => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The first of this name on PATH.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Ends the test: skipped with this reason on a user's machine, failed where CI=true.</summary>
    public static void Missing(string reason)
    {
        Assert.False(IsContinuousIntegration, $"{reason} (CI=true: this may not be skipped)");
        Assert.Skip(reason);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string? input = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            WorkingDirectory = folder ?? Fixtures.Root,
        };
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Patience}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}

internal readonly record struct ToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>What it wrote, where it succeeded.</summary>
    public string Successful(string what)
    {
        Assert.True(ExitCode == 0, $"{what} ended with {ExitCode}: {Errors}{Output}");
        return Output;
    }
}
