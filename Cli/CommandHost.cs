using System.CommandLine;
using System.Runtime.InteropServices;
using Sweep.Cli.Running;

namespace Sweep.Cli;

/// <summary>Runs one command line: signals become cancellation, exceptions become one message and an exit code.</summary>
internal static class CommandHost
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Console.Error.WriteLine($"sweep: {error.Message}");
            Console.Error.WriteLine("sweep: 'sweep --help' and 'sweep COMMAND --help' list what there is");
            return ExitCodes.WrongInput;
        }

        using var interrupted = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            TorchLibrary.Preload();
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupted.Token);
        }
        catch (Exception exception)
        {
            return Failures.Report(exception, interrupted.IsCancellationRequested);
        }

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (interrupted.IsCancellationRequested)
                Environment.Exit(ExitCodes.Interrupted);
            Console.Error.WriteLine("sweep: draining (the running micro-batch ends first; a second signal ends at once)");
            interrupted.Cancel();
        }
    }
}
