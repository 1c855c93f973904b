using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Sweep.Execution.Files;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Workers;
using Sweep.Hosting;

namespace Sweep.Deployment.Tests.Settings;

/// <summary>Which options class reads which section. A setting of a manifest must be a property of the class and acceptable to it.</summary>
internal static class OptionsSections
{
    private static readonly Dictionary<string, Type> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Silo"] = typeof(SweepSiloOptions),
        ["Dispatch"] = typeof(DispatchOptions),
        ["Planner"] = typeof(BatchPlannerOptions),
        ["Worker"] = typeof(WorkerOptions),
        ["Files"] = typeof(ResolverOptions),
    };

    /// <summary>What is wrong with these variables; those that are not Sweep's are not looked at.</summary>
    public static IEnumerable<string> Problems(IEnumerable<Setting> settings)
    {
        var ours = settings.Where(setting => setting.Name.StartsWith("Sweep__", StringComparison.OrdinalIgnoreCase)).ToList();
        foreach (var section in ours.GroupBy(setting => setting.Name.Split("__")[1], StringComparer.OrdinalIgnoreCase))
        {
            if (AwaitedSettings.All.Contains(section.Key))
                continue;
            if (!Sections.TryGetValue(section.Key, out var type))
            {
                yield return $"{section.First().Name}: there is no section Sweep:{section.Key}";
                continue;
            }

            foreach (var problem in OfSection(type, section))
                yield return problem;
        }
    }

    private static IEnumerable<string> OfSection(Type type, IEnumerable<Setting> settings)
    {
        var accepted = new List<Setting>();
        foreach (var setting in settings)
        {
            var path = setting.Name.Split("__")[2..];
            if (Find(type, path) is { } found)
                accepted.Add(setting with { Value = setting.Value ?? Placeholder(found) });
            else
                yield return $"{setting.Name}: {type.Name} has no {string.Join(':', path)}";
        }

        var options = Activator.CreateInstance(type)!;
        // A configured list replaces the default one; the binder would add to it.
        foreach (var list in type.GetProperties().Where(property => property.CanWrite && property.GetValue(options) is IList { Count: > 0 } && accepted.Any(setting => setting.Name.Contains($"__{property.Name}__", StringComparison.OrdinalIgnoreCase))))
            list.SetValue(options, Activator.CreateInstance(typeof(List<>).MakeGenericType(list.PropertyType.GetGenericArguments())));
        foreach (var problem in Bind(options, accepted))
            yield return problem;
    }

    /// <summary>Binds as the host does, then asks the class itself.</summary>
    private static IEnumerable<string> Bind(object options, IEnumerable<Setting> settings)
    {
        try
        {
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(string.Join(':', setting.Name.Split("__")[2..]), setting.Value))).Build()
                .Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            return [exception.Message];
        }

        var check = options.GetType().GetMethod("Problems", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
        return check is null ? [] : [.. (IEnumerable<string>)check.Invoke(options, [])!];
    }

    /// <summary>The type of the property at the end of this path; null where there is none.</summary>
    private static Type? Find(Type type, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
            return type;
        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && int.TryParse(path[0], out _))
            return Find(type.GetGenericArguments()[^1], path[1..]);
        var property = type.GetProperty(path[0], BindingFlags.Instance | BindingFlags.Public | BindingFlags.IgnoreCase);
        return property is null ? null : Find(property.PropertyType, path[1..]);
    }

    /// <summary>For a value that is known at run time only.</summary>
    private static string Placeholder(Type type) => type == typeof(string) ? "known-at-run-time" : Activator.CreateInstance(Nullable.GetUnderlyingType(type) ?? type)!.ToString()!;
}
