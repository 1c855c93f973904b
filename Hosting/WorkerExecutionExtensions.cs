using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Execution;
using Sweep.Execution;
using Sweep.Execution.Devices;
using Sweep.Grains.Placement;
using Sweep.Hosting.Planning;
using Sweep.Models;

namespace Sweep.Hosting;

/// <summary>What a silo's workers run jobs with.</summary>
public static class WorkerExecutionExtensions
{
    /// <summary>Adds runners, the plan resolver and the summarizer to a silo with workers; settings of the section Sweep:Device decide how devices are used.</summary>
    /// <param name="builder">The silo's.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="deviceProblem">Why a device cannot be computed on, or null. Default: what torch says.</param>
    /// <exception cref="OptionsValidationException">The libtorch that is named is none, or it cannot compute on a device.</exception>
    public static TBuilder AddSweepWorkerExecution<TBuilder>(this TBuilder builder, SweepSiloOptions options, Func<string, string?>? deviceProblem = null)
        where TBuilder : IHostApplicationBuilder
    {
        if (!options.HostedRoles.HasFlag(SiloRoles.Worker))
            return builder;
        if (TorchLibrary.Preload() is { } problem)
            throw new OptionsValidationException(nameof(TorchLibrary), typeof(SweepSiloOptions), [problem]);
        if (options.Worker.Devices.Select(deviceProblem ?? TorchDevice.Problem).OfType<string>().ToArray() is { Length: > 0 } missing)
            throw new OptionsValidationException(nameof(options.Worker.Devices), typeof(SweepSiloOptions), missing.Select(device => $"Sweep:Worker:Devices, {device}"));
        string[] processors = [.. options.Worker.Devices.Where(device => device.StartsWith("cpu", StringComparison.Ordinal))];
        builder.Services.AddSweepExecution(
            files => files.Roots = [.. options.Files.Roots],
            devices =>
            {
                devices.IntraOpThreads = Math.Max(1, Environment.ProcessorCount / Math.Max(1, processors.Length));
                devices.CalibrationDevice = options.Worker.Devices.FirstOrDefault() ?? devices.CalibrationDevice;
                builder.Configuration.GetSection("Sweep:Device").Bind(devices);
            },
            hub => options.Hub.CopyTo(hub));
        builder.Services.TryAddSingleton<IPlanEstimator, PlanEstimator>();
        return builder;
    }
}
