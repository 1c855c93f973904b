using Sweep.Models.Cuda;
using Sweep.Models.Kernels;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>Interventions on the device, and their measurement on the tensors before and after, without a word to the host until the pass is over.</summary>
internal sealed class SteeringKernels(CudaKernels kernels, DeviceTables tables)
{
    /// <summary>Numbers that are measured of a touch; see steer.cu.</summary>
    public const int Figures = 5;

    private const int Threads = 256;

    public void Apply(Tensor x, Tensor residual, IReadOnlyList<int>? residualRows, TokenSpans spans, int layer, Site site, Pass pass, CudaPassLog log)
    {
        using var scope = NewDisposeScope();
        var plan = new Plan();
        foreach (var row in pass.SteeredAt(layer, site))
            plan.Add(pass.Rows![row], row, residualRows?[row] ?? row, layer, site, spans);
        if (plan.Touches.Count == 0)
            return;

        // The k-th interventions of all rows go together: between two of one row the value is the rounded one, and each is measured against what it found.
        var order = plan.Touches.Index().OrderBy(item => item.Item.Rank).Select(item => item.Index).ToArray();
        var touches = order.Select(index => plan.Touches[index].Touch).ToArray();
        var meters = order.Select(index => (plan.Touches[index].Meter, plan.Touches[index].Touch.Row)).ToArray();
        var isMeasured = meters.Any(item => item.Meter is not null);
        var positions = 0;
        for (var i = 0; i < touches.Length; i++)
        {
            touches[i].Before = touches[i].Flags = positions;
            positions += touches[i].To - touches[i].From;
        }

        int width = (int)x.shape[2], mostPositions = touches.Max(touch => touch.To - touch.From), mostChannels = touches.Max(touch => touch.ChannelCount);
        var table = tables.Upload<Touch>(touches);
        var channels = tables.Upload<int>([.. plan.Channels]);
        var values = tables.Upload<float>([.. plan.Values]);
        var measured = isMeasured ? kernels.New([touches.Length, Figures], ScalarType.Float64) : null;
        var flags = isMeasured ? kernels.New([positions], ScalarType.Byte) : null;
        var before = isMeasured ? kernels.New([positions, width], x.dtype) : null;
        var arguments = new SteerArguments
        {
            X = DevicePointer.Of(x),
            Residual = DevicePointer.Of(residual),
            Touches = DevicePointer.Of(table),
            Channels = DevicePointer.Of(channels),
            Values = DevicePointer.Of(values),
            Before = DevicePointer.OrNull(before),
            Measured = DevicePointer.OrNull(measured),
            Flags = DevicePointer.OrNull(flags),
            XRow = x.stride(0),
            XStep = (int)x.stride(1),
            Width = width,
            ResidualWidth = (int)residual.shape[2],
            Length = spans.Length,
        };
        nint Kernel(string name) => kernels.Steering(name, x.dtype);
        if (isMeasured && touches.Any(touch => touch.PromptTo > touch.From))
            kernels.Context.Launch(Kernel("measure_residual"), (touches.Length, 1, 1), Threads, arguments);
        var first = 0;
        foreach (var rank in order.GroupBy(index => plan.Touches[index].Rank))
        {
            var count = rank.Count();
            if (isMeasured)
                kernels.Context.Launch(Kernel("save"), (count, Pieces(mostPositions, width), 1), Threads, arguments, first, 0);
            kernels.Context.Launch(Kernel("write"), (count, Pieces(mostPositions, mostChannels), 1), Threads, arguments, first, 0);
            if (isMeasured)
                kernels.Context.Launch(Kernel("measure"), (count, 1, 1), Threads, arguments, first, (width + 31) / 32 * sizeof(int));
            first += count;
        }

        if (isMeasured)
            log.Add(layer, touches, meters, measured!, flags!);
    }

    private static int Pieces(int positions, int width) => Math.Clamp(CudaKernels.Blocks((long)positions * width, Threads * 4), 1, 64);

    /// <summary>The touches of a site in plan order, row after row, and the tables that they point into.</summary>
    private sealed class Plan
    {
        private readonly Dictionary<CompiledIntervention, (int Channels, int Values)> _places = [];

        public List<(Touch Touch, InterventionMeter? Meter, int Rank)> Touches { get; } = [];

        public List<int> Channels { get; } = [];

        public List<float> Values { get; } = [];

        public void Add(PassRow description, int row, int residualRow, int layer, Site site, TokenSpans spans)
        {
            var rank = 0;
            foreach (var intervention in description.Steering!.At(layer, site))
            {
                var (from, to) = intervention.Touched(spans.Start[row], spans.End[row], description.PromptEnd);
                if (to <= from)
                    continue;
                // Rows of one configuration share its tables.
                if (!_places.TryGetValue(intervention, out var place))
                {
                    _places[intervention] = place = (Channels.Count, Values.Count);
                    Channels.AddRange(intervention.Channels);
                    Values.AddRange(intervention.Values);
                }

                Touches.Add((
                    new Touch
                    {
                        Row = row,
                        ResidualRow = residualRow,
                        From = from,
                        To = to,
                        PromptTo = Math.Max(from, Math.Min(to, description.PromptEnd)),
                        Operation = intervention.Operation switch
                        {
                            Operation.Scale => 0,
                            Operation.ZeroAblate => 1,
                            Operation.MeanAblate => 2,
                            Operation.Add => 3,
                            _ => throw new NotSupportedException($"operation {intervention.Operation}"),
                        },
                        HasRatio = intervention.Operation is Operation.Scale or Operation.ZeroAblate ? 1 : 0,
                        Factor = intervention.Factor,
                        Channels = place.Channels,
                        ChannelCount = intervention.Channels.Length,
                        Values = place.Values,
                    },
                    description.Meter,
                    rank++));
            }
        }
    }
}
