using System.Globalization;
using Sweep.Contracts.Plans;
using YamlDotNet.RepresentationModel;

namespace Sweep.Dashboard.Pages.Submit;

/// <summary>
/// What of a plan concerns one bottleneck, or one cell: the same seed, split, controls and files, so that its jobs are the ones that ran and their rows are not measured again. Claims and the
/// search go: they were about all of it.
/// </summary>
internal static class PlanPart
{
    private const int LongestName = 80;

    /// <param name="text">Of the plan, as it was submitted.</param>
    /// <param name="plan">What it says.</param>
    /// <param name="resolved">Its models and benchmarks.</param>
    /// <param name="place">Benchmark empty: all of them; scalar null: all of them.</param>
    /// <returns>Null: the plan has no such part, or cannot be cut by its text.</returns>
    public static string? Of(string text, SweepPlan plan, ResolvedPlan resolved, Reading.CellPlace place)
    {
        var model = IndexOf(resolved.Models, one => one.Name == place.Model);
        var benchmark = place.Benchmark.Length == 0 ? -1 : IndexOf(resolved.Benchmarks, one => one.Name == place.Benchmark);
        var bottleneck = IndexOf(plan.Bottlenecks, one => IsOf(one.Name, place.Bottleneck));
        if (model < 0 || bottleneck < 0 || (benchmark < 0 && place.Benchmark.Length > 0) || Root(text) is not { } root)
            return null;
        if (!Keep(root, "models", model) || !Keep(root, "bottlenecks", bottleneck) || (benchmark >= 0 && !Keep(root, "benchmarks", benchmark)))
            return null;
        root.Children.Remove(new YamlScalarNode("hypotheses"));
        if (At(root, "bottlenecks") is YamlSequenceNode { Children: [YamlMappingNode own] })
        {
            KeepSeed(own, place.Bottleneck, plan.Bottlenecks[bottleneck].Name);
            if (place.Scalar is { } scalar)
            {
                own.Children.Remove(new YamlScalarNode("scalars"));
                root.Children.Remove(new YamlScalarNode("search"));
                root.Children[new YamlScalarNode("scalars")] = new YamlSequenceNode(new YamlScalarNode(scalar.ToString("R", CultureInfo.InvariantCulture))) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow };
            }
        }

        root.Children[new YamlScalarNode("name")] = new YamlScalarNode(NameOf(plan.Name, place));
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>A set drawn at random is called "NAME (seed SEED)" in results.</summary>
    private static bool IsOf(string name, string found) => found == name || found.StartsWith($"{name} (seed ", StringComparison.Ordinal);

    private static void KeepSeed(YamlMappingNode bottleneck, string found, string name)
    {
        if (found == name)
            return;
        var seed = found[(name.Length + " (seed ".Length)..^1];
        foreach (var holder in new[] { bottleneck, At(bottleneck, "channels") as YamlMappingNode }.OfType<YamlMappingNode>().Where(one => At(one, "seeds") is not null))
            holder.Children[new YamlScalarNode("seeds")] = new YamlSequenceNode(new YamlScalarNode(seed)) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow };
    }

    private static YamlMappingNode? Root(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode root }] ? root : null;
        }
        catch (YamlDotNet.Core.YamlException)
        {
            return null;
        }
    }

    private static YamlNode? At(YamlMappingNode node, string field) => node.Children.TryGetValue(new YamlScalarNode(field), out var value) ? value : null;

    /// <summary>False: the field is not as the plan says.</summary>
    private static bool Keep(YamlMappingNode root, string field, int index)
    {
        if (At(root, field) is not YamlSequenceNode list || index >= list.Children.Count)
            return false;
        var kept = list.Children[index];
        list.Children.Clear();
        list.Children.Add(kept);
        return true;
    }

    private static string NameOf(string name, Reading.CellPlace place)
    {
        var part = $"{place.Bottleneck}{(place.Benchmark.Length > 0 ? $"-{place.Benchmark}" : "")}{(place.Scalar is { } scalar ? $"-x{scalar.ToString("R", CultureInfo.InvariantCulture)}" : "")}";
        var whole = $"{name}.{string.Concat(part.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'))}";
        return whole.Length <= LongestName ? whole : whole[..LongestName];
    }

    private static int IndexOf<T>(IReadOnlyList<T> list, Func<T, bool> isMeant)
    {
        for (var index = 0; index < list.Count; index++)
        {
            if (isMeant(list[index]))
                return index;
        }

        return -1;
    }
}
