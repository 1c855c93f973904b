using System.Diagnostics.Metrics;
using System.Reflection;

namespace Sweep.Deployment.Tests.Alerts;

/// <summary>Every instrument that a class of Sweep makes: a class that takes an <see cref="IMeterFactory"/> makes them when it is made.</summary>
internal static class MetricCatalog
{
    /// <summary>Loaded by their references; the others of Sweep's assemblies are found through them.</summary>
    private static readonly Assembly Root = typeof(Hosting.SweepSiloOptions).Assembly;

    public static IReadOnlyList<Instrument> Instruments { get; } = Find();

    private static List<Instrument> Find()
    {
        var instruments = new List<Instrument>();
        using var factory = new Factory();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
                instruments.Add(instrument);
        };
        listener.Start();
        foreach (var constructor in Assemblies().SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsClass: true, IsAbstract: false })
            .SelectMany(type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(IMeterFactory))))
        {
            // Their constructors make instruments and keep the rest for later.
            constructor.Invoke([.. constructor.GetParameters().Select(parameter => parameter.ParameterType == typeof(IMeterFactory) ? factory : null)]);
        }

        return instruments;
    }

    private static IEnumerable<Assembly> Assemblies() =>
        Root.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("Sweep.", StringComparison.Ordinal)).Select(Assembly.Load).Append(Root);

    private sealed class Factory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options.Name, options.Version, options.Tags, this);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
