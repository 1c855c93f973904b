using System.Reflection;
using Xunit;

namespace Sweep.Messaging.Tests.Wire;

/// <summary>Names and numbers on the wire are chosen, not derived from what C# calls things today.</summary>
public sealed class WireTypeTests
{
    public static TheoryData<string> TypeNames => [.. OrleansShape.Types.Select(type => type.FullName!)];

    public static TheoryData<string> InterfaceNames => [.. OrleansShape.GrainInterfaces.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void WireType_HasAliasAndIds(string name)
    {
        var type = OrleansShape.Types.Single(type => type.FullName == name);

        Assert.False(string.IsNullOrEmpty(OrleansShape.Alias(type)), $"{name} has no [Alias]");
        if (type.IsEnum)
            return;
        var members = OrleansShape.Members(type).ToList();
        Assert.Empty(members.Where(member => OrleansShape.Id(member) is null).Select(member => $"{name}.{member.Name} has no [Id]"));
        Assert.Equal(members.Count, members.Select(OrleansShape.Id).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(InterfaceNames))]
    public void GrainInterface_HasAliases_AndExchangesWireTypes(string name)
    {
        var type = OrleansShape.GrainInterfaces.Single(type => type.FullName == name);

        Assert.False(string.IsNullOrEmpty(OrleansShape.Alias(type)), $"{name} has no [Alias]");
        Assert.Empty(type.GetMethods().Where(method => OrleansShape.Alias(method) is null).Select(method => $"{name}.{method.Name} has no [Alias]"));
        var exchanged = type.GetMethods().SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)).SelectMany(Parts).Where(IsOurs);
        Assert.Empty(exchanged.Where(part => part.GetCustomAttribute<GenerateSerializerAttribute>() is null && !OrleansShape.GrainInterfaces.Contains(part)).Select(part => $"{name} exchanges {part}"));
    }

    [Fact]
    public void WireTypes_Aliases_AreDistinct()
    {
        var aliases = OrleansShape.Types.Concat(OrleansShape.GrainInterfaces).Select(OrleansShape.Alias).ToList();

        Assert.NotEmpty(aliases);
        Assert.Equal(aliases.Count, aliases.Distinct().Count());
    }

    private static IEnumerable<Type> Parts(Type type) => type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type.IsArray ? type.GetElementType()! : type];

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("Sweep.", StringComparison.Ordinal) == true;
}
