using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Dispatch;
using Sweep.Execution.Devices;
using Sweep.Hosting;

namespace Sweep.Deployment.Tests.Settings;

/// <summary>Reads variables as a silo does, and says what the silo would say before it ends with exit code 2.</summary>
internal static class SiloSettings
{
    public static IEnumerable<string> Problems(IEnumerable<Setting> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Where(setting => SettingNames.IsOurs(setting.Name))
                .Select(setting => KeyValuePair.Create(setting.Name.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
            .Build();
        return [.. OfSilo(configuration), .. OfOthers(configuration)];
    }

    private static IEnumerable<string> OfSilo(IConfiguration configuration)
    {
        try
        {
            // The folders are those of the container, not of this machine.
            SweepSiloOptions.Read(configuration, options => options.Files.Roots = [], new OneGpu());
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
    }

    /// <summary>Sections that are no part of a silo's own options are bound and asked one by one. A path in the container is none on this machine.</summary>
    private static IEnumerable<string> OfOthers(IConfiguration configuration)
    {
        foreach (var (name, type) in SettingNames.Sections.Where(section => section.Value != typeof(SweepSiloOptions) && typeof(SweepSiloOptions).GetProperty(section.Key) is null))
        {
            var options = Activator.CreateInstance(type)!;
            var values = configuration.GetSection($"Sweep:{name}").AsEnumerable(makePathsRelative: true).Where(pair => pair.Value?.StartsWith('/') != true);
            new ConfigurationBuilder().AddInMemoryCollection(values).Build().Bind(options);
            if (type.GetMethod("Problems", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is { } check)
            {
                foreach (var problem in (IEnumerable<string>)check.Invoke(options, [])!)
                    yield return problem;
            }
        }
    }

    /// <summary>What a worker's pod sees.</summary>
    private sealed class OneGpu : IDeviceInventory
    {
        public int CudaDevices => 1;

        public DeviceFacts Describe(string device) => throw new NotSupportedException();

        public long? MemoryInUse(string device) => null;
    }
}
