using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sweep.Evaluation.Benchmarks;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sweep.Evaluation.Tasks;

/// <summary>
/// A task file's YAML as JSON, whose places are named by fields. Size, depth and number of values are bounded; anchors, aliases and tags are refused, so a text cannot grow when it is read and
/// no code is named in it.
/// </summary>
internal sealed partial class TaskYaml
{
    internal const int LongestText = 1 << 18;
    private const int Deepest = 12;
    private const int MostValues = 10_000;

    private readonly DataFile _file;
    private readonly Parser _parser;
    private readonly Utf8JsonWriter _writer;
    private int _values;

    private TaskYaml(DataFile file, Utf8JsonWriter writer)
    {
        (_file, _writer) = (file, writer);
        _parser = new Parser(new StringReader(file.Text));
    }

    public static Node Read(DataFile file)
    {
        if (file.Text.Length > LongestText)
            throw file.Broken("file", $"{file.Text.Length} characters", $"at most {LongestText}");
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            try
            {
                new TaskYaml(file, writer).Document();
            }
            catch (YamlException error)
            {
                throw file.Broken($"line {error.Start.Line}", $"no valid YAML ({error.Message})", "a task file");
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
            {
                // The scanner lets some of its own checks through on malformed text.
                throw file.Broken("file", "no valid YAML", "a task file");
            }
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return new Node(file, "task", document.RootElement.Clone());
    }

    private void Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            throw _file.Broken("file", "nothing", "a task's fields");
        _parser.Consume<DocumentStart>();
        Value(depth: 1);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw Refused(second, "a second document", "one task a file");
    }

    private void Value(int depth)
    {
        if (!_parser.Accept<ParsingEvent>(out var next))
            throw _file.Broken("file", "its end", "a value");
        if (next is AnchorAlias || next is NodeEvent { Anchor.IsEmpty: false })
            throw Refused(next, "an anchor or alias", "the value itself");
        if (next is NodeEvent { Tag.IsEmpty: false } tagged)
            throw Refused(next, $"the tag {tagged.Tag.Value}", "a plain value: code (!function) is not run here");
        if (depth > Deepest || ++_values > MostValues)
            throw Refused(next, depth > Deepest ? $"values nested deeper than {Deepest}" : $"more than {MostValues} values", "a smaller file");
        switch (next)
        {
            case Scalar:
                WriteScalar();
                break;
            case SequenceStart:
                _parser.Consume<SequenceStart>();
                _writer.WriteStartArray();
                while (!_parser.TryConsume<SequenceEnd>(out _))
                    Value(depth + 1);
                _writer.WriteEndArray();
                break;
            case MappingStart:
                Fields(depth);
                break;
            default:
                throw Refused(next, "no value", "one");
        }
    }

    private void Fields(int depth)
    {
        _parser.Consume<MappingStart>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        _writer.WriteStartObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var name) || !name.Anchor.IsEmpty || !name.Tag.IsEmpty)
                throw Refused(_parser.Current!, "a list or group as a field's name", "text");
            if (!names.Add(name.Value))
                throw Refused(name, $"field '{name.Value}' a second time", "it once");
            _writer.WritePropertyName(name.Value);
            Value(depth + 1);
        }

        _writer.WriteEndObject();
    }

    private void WriteScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain)
            _writer.WriteStringValue(text);
        else if (text is "" or "~" or "null" or "Null" or "NULL")
            _writer.WriteNullValue();
        else if (text is "true" or "True" or "false" or "False")
            _writer.WriteBooleanValue(text is "true" or "True");
        else if (Whole().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            _writer.WriteNumberValue(whole);
        else if (Decimal().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            _writer.WriteNumberValue(number);
        else
            _writer.WriteStringValue(text);
    }

    private InvalidDataFileException Refused(ParsingEvent at, string found, string expected) => _file.Broken($"line {at.Start.Line}", found, expected);

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();
}
