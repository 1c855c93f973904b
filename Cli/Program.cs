using Spectre.Console;
using Sweep.Cli;

// A file or a pipe has no width: tables are laid out for a wide terminal there.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 180;
return await Invocation.RunAsync(CommandLine.Create(), args);
