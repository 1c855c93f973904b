using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>One channel changed alone in one way.</summary>
/// <param name="Place">Of the channel.</param>
/// <param name="Recipe">That makes the change.</param>
/// <param name="Name">Of the change among those of the recipe.</param>
/// <param name="Channel">Alone.</param>
internal sealed record ImpactRow((int Layer, Site Site) Place, string Recipe, string Name, int Channel);

/// <summary>What a row did to the gold log-likelihood of each item, nats; null where it left the finite numbers.</summary>
internal sealed record MeasuredImpact(ImpactRow Row, double?[] Effects);
