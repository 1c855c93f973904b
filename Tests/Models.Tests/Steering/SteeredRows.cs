using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using Xunit;

namespace Sweep.Models.Tests.Steering;

/// <summary>Rows and interventions for <see cref="RandomMamba.Config"/>.</summary>
internal static class SteeredRows
{
    public static TheoryData<Site, Operation> SitesAndOperations
    {
        get
        {
            TheoryData<Site, Operation> data = [];
            foreach (var site in SteerableSites.All)
            {
                foreach (var operation in Enum.GetValues<Operation>())
                    data.Add(site, operation);
            }

            return data;
        }
    }

    public static PassRow Row(int promptEnd, params Intervention[] interventions) =>
        new() { Steering = new(interventions, RandomMamba.Config()), PromptEnd = promptEnd };

    public static Intervention Make(Site site, Operation operation, int layer) => new()
    {
        Layer = layer,
        Site = site,
        Operation = operation,
        Channels = [1, 4, 7, 18],
        Scalar = 1.5,
        Values = operation is Operation.MeanAblate or Operation.Add ? [0.7, -0.3, 1.1, 0.2] : null,
    };
}
