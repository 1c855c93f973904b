using System.Globalization;
using System.Reflection;
using Sweep.Contracts.Grains;
using Sweep.Grains;
using Sweep.Hosting;

namespace Sweep.Messaging.Tests.Wire;

/// <summary>The types and grain interfaces that silos of one cluster exchange, found by reflection.</summary>
internal static class OrleansShape
{
    private static readonly Assembly[] Assemblies = [typeof(ISweepCoordinatorGrain).Assembly, typeof(SweepDispatchExtensions).Assembly, typeof(SweepSiloExtensions).Assembly];

    /// <summary>Types of ours that the generated code serializes.</summary>
    public static IReadOnlyList<Type> Types { get; } =
        [.. Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null).OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public static IReadOnlyList<Type> GrainInterfaces { get; } =
        [.. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsInterface && (type.IsAssignableTo(typeof(IAddressable)) || type.IsAssignableTo(typeof(IGrainObserver))))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public static WireShape Read()
    {
        var shape = new WireShape();
        foreach (var type in Types)
            shape.Add($"type {Alias(type)}", type.IsEnum ? EnumMembers(type) : Members(type).Select(member => $"{Id(member)} {member.Name} {Name(TypeOf(member))}"));
        foreach (var type in GrainInterfaces)
            shape.Add($"grain {Alias(type)}", type.GetMethods().Select(method => $"{Alias(method)}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}) {Name(method.ReturnType)}"));
        return shape;
    }

    /// <summary>Every member that holds state: properties that can be set and fields that are not behind one.</summary>
    public static IEnumerable<MemberInfo> Members(Type type) =>
        type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(member => member is PropertyInfo { CanWrite: true } || (member is FieldInfo field && !field.Name.StartsWith('<')) || member.GetCustomAttribute<IdAttribute>() is not null);

    public static string? Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias;

    public static uint? Id(MemberInfo member) => member.GetCustomAttribute<IdAttribute>()?.Id;

    private static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static IEnumerable<string> EnumMembers(Type type) =>
        Enum.GetValues(type).Cast<object>().Select(value => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToInt64(value, CultureInfo.InvariantCulture)} {value}"));

    /// <summary>A type of ours by its alias, so that moving it changes nothing.</summary>
    private static string Name(Type type)
    {
        if (Alias(type) is { } alias)
            return alias;
        if (!type.IsGenericType)
            return type.Name;
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
