using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sweep.Contracts.Plans.Reading;

/// <summary>
/// Turns YAML (and so JSON) into nodes. Size, depth and number of values are bounded, and anchors, aliases and tags are refused, so a text
/// cannot grow when it is read.
/// </summary>
internal sealed class PlanParser
{
    internal const int LongestText = 1 << 20;
    internal const int Deepest = 16;
    internal const int MostValues = 100_000;

    private readonly Parser _parser;
    private readonly PlanReading _reading;
    private int _values;

    private PlanParser(string text, PlanReading reading)
    {
        _parser = new Parser(new StringReader(text));
        _reading = reading;
    }

    /// <summary>The one document of the text; null when it cannot be read, with the problem in <paramref name="reading"/>.</summary>
    public static PlanNode? Parse(string text, PlanReading reading)
    {
        if (text.Length > LongestText)
        {
            reading.Add(1, 1, "", $"found {text.Length} characters, expected at most {LongestText}");
            return null;
        }

        var parser = new PlanParser(text, reading);
        try
        {
            return parser.Document();
        }
        catch (PlanTextException refused)
        {
            reading.Add(refused.Line, refused.Column, "", refused.Message);
        }
        catch (YamlException error)
        {
            reading.Add((int)error.Start.Line, (int)error.Start.Column, "", $"cannot be read as YAML or JSON: {error.Message}");
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The scanner lets some of its own checks through on malformed text; the last value that it understood is near the place.
            var near = parser._parser.Current?.Start ?? Mark.Empty;
            reading.Add((int)near.Line, (int)near.Column, "", "cannot be read as YAML or JSON from here on");
        }

        return null;
    }

    private PlanNode Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            throw new PlanTextException("found nothing, expected a plan", 1, 1);
        _parser.Consume<DocumentStart>();
        var root = Node(depth: 1);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new PlanTextException("found a second document, expected one plan a file", second.Start);
        return root;
    }

    private PlanNode Node(int depth)
    {
        if (!_parser.Accept<ParsingEvent>(out var next))
            throw new PlanTextException("found the end, expected a value", 1, 1);
        if (next is AnchorAlias)
            throw new PlanTextException("found an alias (*), expected the value itself: plans have no anchors and aliases", next.Start);
        if (next is not NodeEvent node)
            throw new PlanTextException("found no value, expected one", next.Start);
        if (!node.Anchor.IsEmpty)
            throw new PlanTextException("found an anchor (&), expected the value itself: plans have no anchors and aliases", node.Start);
        if (!node.Tag.IsEmpty)
            throw new PlanTextException("found a tag (!), expected a plain value", node.Start);
        if (depth > Deepest)
            throw new PlanTextException($"found values nested deeper than {Deepest}", node.Start);
        if (++_values > MostValues)
            throw new PlanTextException($"found more than {MostValues} values", node.Start);
        return node switch
        {
            Scalar => ScalarHere(),
            SequenceStart => SequenceHere(depth),
            MappingStart => MappingHere(depth),
            _ => throw new PlanTextException("found no value, expected one", node.Start),
        };
    }

    private ScalarNode ScalarHere()
    {
        var scalar = _parser.Consume<Scalar>();
        return new ScalarNode(scalar.Value, scalar.Style == ScalarStyle.Plain, (int)scalar.Start.Line, (int)scalar.Start.Column);
    }

    private SequenceNode SequenceHere(int depth)
    {
        var start = _parser.Consume<SequenceStart>().Start;
        var items = new List<PlanNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return new SequenceNode(items, (int)start.Line, (int)start.Column);
    }

    private MappingNode MappingHere(int depth)
    {
        var start = _parser.Consume<MappingStart>().Start;
        var fields = new Dictionary<string, PlanField>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Node(depth + 1) is not ScalarNode name)
                throw new PlanTextException("found a list or group as a field's name, expected text", start);
            var field = new PlanField(name.Text, Node(depth + 1), name.Line, name.Column);
            if (!fields.TryAdd(field.Name, field))
                _reading.Add(field.Line, field.Column, "", $"found field {name.Describe()} a second time (first in line {fields[field.Name].Line}), expected it once");
        }

        return new MappingNode([.. fields.Values], (int)start.Line, (int)start.Column);
    }

    private sealed class PlanTextException(string message, int line, int column) : Exception(message)
    {
        public PlanTextException(string message, Mark mark)
            : this(message, (int)mark.Line, (int)mark.Column)
        {
        }

        public int Line { get; } = line;

        public int Column { get; } = column;
    }
}
