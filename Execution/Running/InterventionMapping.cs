using Sweep.Contracts.Jobs;
using Sweep.Models.Steering;

namespace Sweep.Execution.Running;

/// <summary>From the words of a job to the model's own.</summary>
internal static class InterventionMapping
{
    public static IReadOnlyList<Intervention> ToModel(IReadOnlyList<InterventionSpec> specs) => [.. specs.Select(ToModel)];

    private static Intervention ToModel(InterventionSpec spec) => new()
    {
        Layer = spec.Layer,
        Site = Enum.Parse<Site>(spec.Site),
        Operation = Enum.Parse<Operation>(spec.Operation),
        Positions = Enum.Parse<PositionScope>(spec.Positions),
        Channels = spec.Channels,
        Scalar = spec.Scalar ?? 1,
        Values = spec.Values,
    };
}
