using System.Collections;
using System.Reflection;
using Sweep.Dashboard;
using Sweep.Hosting;

namespace Sweep.Deployment.Tests.Settings;

/// <summary>Which Sweep__ variables there are: the properties of Hosting's options classes and of the dashboard's, found by reflection.</summary>
internal static class SettingNames
{
    private const string Prefix = "Sweep";

    /// <summary>A class says its section in a constant Key; a part of it that is no list is a section by its name.</summary>
    internal static IReadOnlyDictionary<string, Type> Sections { get; } = Find();

    public static bool IsOurs(string variable) => variable.StartsWith($"{Prefix}__", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a variable's name; null: nothing, or it is not one of Sweep's.</summary>
    public static string? Problem(string variable)
    {
        if (!IsOurs(variable))
            return null;
        var parts = variable.Split("__");
        if (!Sections.TryGetValue(parts[1], out var type))
            return $"{variable}: there is no section {Prefix}:{parts[1]}";
        return HasSetting(type, parts.AsSpan(2)) ? null : $"{variable}: {type.Name} has no {string.Join(':', parts[2..])}";
    }

    private static Dictionary<string, Type> Find()
    {
        var named = typeof(SweepSiloOptions).Assembly.GetTypes()
            .Select(type => (Type: type, Key: type.GetField("Key", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetRawConstantValue() as string))
            .Where(found => found.Key?.StartsWith($"{Prefix}:", StringComparison.Ordinal) == true)
            .ToDictionary(found => found.Key![(Prefix.Length + 1)..], found => found.Type, StringComparer.OrdinalIgnoreCase);
        foreach (var part in named.Values.ToList().SelectMany(type => type.GetProperties()).Where(property => IsPart(property) && SectionOf(property.PropertyType) is null))
            named.TryAdd(part.Name, part.PropertyType);
        named.Add(SweepDashboardOptions.Section[(Prefix.Length + 1)..], typeof(SweepDashboardOptions));
        return named;
    }

    private static bool IsPart(PropertyInfo property) => !property.CanWrite && property.PropertyType.IsClass && property.PropertyType != typeof(string);

    private static string? SectionOf(Type type) => type.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetRawConstantValue() as string;

    private static bool HasSetting(Type type, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
            return false;
        var property = type.GetProperty(path[0], BindingFlags.Instance | BindingFlags.Public | BindingFlags.IgnoreCase);
        if (property is not { CanWrite: true })
        {
            // A part without a section of its own is one within its whole's.
            if (property is not null && path.Length > 1 && IsPart(property) && SectionOf(property.PropertyType) is null)
                return HasSetting(property.PropertyType, path[1..]);
            // A part that names the section of its whole is bound from it too.
            foreach (var part in type.GetProperties().Where(part => IsPart(part) && SectionOf(part.PropertyType) is not null))
            {
                if (HasSetting(part.PropertyType, path))
                    return true;
            }

            return false;
        }

        var isList = property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));
        return path.Length == 1 || (isList && path.Length == 2 && int.TryParse(path[1], out _));
    }
}
