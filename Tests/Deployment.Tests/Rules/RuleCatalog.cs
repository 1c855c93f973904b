namespace Sweep.Deployment.Tests.Rules;

/// <summary>Every rule of this folder.</summary>
internal static class RuleCatalog
{
    public static IReadOnlyList<IManifestRule> All { get; } =
        [.. typeof(IManifestRule).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IManifestRule)))
            .OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => (IManifestRule)Activator.CreateInstance(type)!)];

    public static IManifestRule Named(string name) => All.Single(rule => rule.GetType().Name == name);
}
