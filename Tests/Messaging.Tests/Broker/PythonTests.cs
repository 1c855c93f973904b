using System.Diagnostics;
using Sweep.Contracts.Store;
using Sweep.Tests;
using Sweep.Tests.RabbitMq;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>The script of docs/messages.md, as it stands there, with Debian's python3-pika.</summary>
[Collection(SharedSystemTests.Name)]
public sealed class PythonTests(SharedSystem shared, RabbitMqFixture broker)
{
    private static readonly string[] Interpreters = ["/usr/bin/python3", "python3"];

    [Fact]
    public async Task DocumentedScript_SubmitsAPlanAndFollowsItToItsEnd()
    {
        var (system, _) = await shared.UseAsync();

        var (exitCode, output) = await RunAsync(PlanTexts.Yaml("snake"));

        Assert.True(exitCode == 0, output);
        var sweep = Assert.Single(await system.Store.ListSweepsAsync(TestContext.Current.CancellationToken), sweep => sweep.Plan.Name == "snake");
        Assert.Equal((SweepState.Completed, "ada"), (sweep.State, sweep.Plan.Owner));
        Assert.Contains("Completed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DocumentedScript_WithAWrongPlan_PrintsEveryProblem()
    {
        await shared.UseAsync();

        var (exitCode, output) = await RunAsync("name: two words\nmodels: []\nbenchmarks: []\nbottlenecks: []\n");

        Assert.Equal(1, exitCode);
        Assert.Equal(4, output.Split('\n').Count(line => line.StartsWith("plan_text:", StringComparison.Ordinal)));
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string plan)
    {
        using var folder = new TemporaryFolder();
        var python = await FindAsync();
        var script = folder.Write("submit.py", DocumentedMessages.Python);
        return await RunAsync(python, script, (await broker.AddressAsync()).ToString(), folder.Write("plan.yaml", plan));
    }

    /// <summary>The first interpreter that has pika.</summary>
    private static async Task<string> FindAsync()
    {
        foreach (var interpreter in Interpreters)
        {
            try
            {
                if ((await RunAsync(interpreter, "-c", "import pika")).ExitCode == 0)
                    return interpreter;
            }
            catch (System.ComponentModel.Win32Exception)
            {
            }
        }

        const string Missing = "found no python3 with pika, expected Debian's python3-pika";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
        throw new InvalidOperationException("unreachable");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output + await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
