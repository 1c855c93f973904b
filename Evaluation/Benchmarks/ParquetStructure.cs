using System.Buffers.Binary;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// Walks a Parquet file's footer and page headers (Thrift's compact protocol) before a library unpacks anything: counts and lengths must fit into the bytes that are there, known fields must have
/// their types, and what pages unpack to must stay within bounds. A decoder that trusts a broken count runs for hours or takes all memory.
/// </summary>
internal sealed class ParquetStructure
{
    private const int MostFooter = 64 << 20;
    private const long MostRows = 5_000_000;
    private const long MostValues = 1 << 28;
    private const long MostBytes = 2L << 30;
    private const int Deepest = 24;

    /// <summary>parquet.thrift of apache/parquet-format: fields by number and type; a list in brackets.</summary>
    private static readonly Dictionary<string, Dictionary<int, string>> Shapes = Parsed(
        "FileMetaData 1:number 2:[SchemaElement] 3:number 4:[RowGroup] 5:[KeyValue] 6:binary 7:[ColumnOrder] 8:struct 9:binary",
        "SchemaElement 1:number 2:number 3:number 4:binary 5:number 6:number 7:number 8:number 9:number 10:LogicalType",
        "LogicalType 1:struct 2:struct 3:struct 4:struct 5:Decimal 6:struct 7:Time 8:Time 10:Integer 11:struct 12:struct 13:struct 14:struct 15:struct",
        "Decimal 1:number 2:number",
        "Time 1:bool 2:struct",
        "Integer 1:byte 2:bool",
        "RowGroup 1:[ColumnChunk] 2:number 3:number 4:[SortingColumn] 5:number 6:number 7:number",
        "SortingColumn 1:number 2:bool 3:bool",
        "ColumnChunk 1:binary 2:number 3:ColumnMetaData 4:number 5:number 6:number 7:number 8:struct 9:binary",
        "ColumnMetaData 1:number 2:[number] 3:[binary] 4:number 5:number 6:number 7:number 8:[KeyValue] 9:number 10:number 11:number 12:Statistics 13:[PageEncoding] 14:number 15:number 16:SizeStatistics",
        "KeyValue 1:binary 2:binary",
        "ColumnOrder 1:struct",
        "Statistics 1:binary 2:binary 3:number 4:number 5:binary 6:binary 7:bool 8:bool",
        "PageEncoding 1:number 2:number 3:number",
        "SizeStatistics 1:number 2:[number] 3:[number]",
        "PageHeader 1:number 2:number 3:number 4:number 5:DataPage 6:struct 7:DictionaryPage 8:DataPageV2",
        "DataPage 1:number 2:number 3:number 4:number 5:Statistics",
        "DictionaryPage 1:number 2:number 3:bool",
        "DataPageV2 1:number 2:number 3:number 4:number 5:number 6:number 7:bool 8:Statistics");

    private readonly DataFile _file;
    private readonly byte[] _content;
    private readonly List<Dictionary<int, long>> _chunks = [];
    private Dictionary<int, long> _page = [];
    private long _values;
    private long _rows;
    private long _unpacked;
    private int _at;
    private int _end;
    private string _place = "footer";

    private ParquetStructure(DataFile file, byte[] content) => (_file, _content) = (file, content);

    /// <exception cref="InvalidDataFileException">It is broken or too large.</exception>
    public static void Check(DataFile file, byte[] content) => new ParquetStructure(file, content).Check();

    private void Check()
    {
        var footer = _content.Length < 12 || !_content.AsSpan(_content.Length - 4).SequenceEqual("PAR1"u8) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(_content.AsSpan(_content.Length - 8));
        if (footer is <= 0 or > MostFooter || footer > _content.Length - 12)
            throw Broken();
        (_at, _end) = (_content.Length - 8 - footer, _content.Length - 8);
        Struct("FileMetaData", 0);
        foreach (var (index, chunk) in _chunks.Index())
        {
            _place = $"column chunk {index + 1}";
            Pages(chunk);
        }
    }

    private void Pages(Dictionary<int, long> chunk)
    {
        var (values, size) = (chunk.GetValueOrDefault(5), chunk.GetValueOrDefault(7));
        var (data, dictionary) = (chunk.GetValueOrDefault(9), chunk.GetValueOrDefault(11));
        var start = dictionary > 0 && dictionary < data ? dictionary : data;
        if (start < 4 || size < 0 || start > _content.Length || size > _content.Length - start || values is < 0 or > MostValues)
            throw Broken();
        (_at, _end, _values) = ((int)start, (int)(start + size), 0);
        while (_at < _end)
        {
            _page = [];
            Struct("PageHeader", 0);
            var (unpacked, packed) = (_page.GetValueOrDefault(2, -1), _page.GetValueOrDefault(3, -1));
            _unpacked += Math.Max(0, unpacked);
            if (unpacked < 0 || packed < 0 || packed > _end - _at)
                throw Broken();
            if (_unpacked > MostBytes)
                throw _file.Broken(_place, $"more than {MostBytes} bytes when unpacked", "less");
            _at += (int)packed;
        }

        if (_values != values)
            throw Broken();
    }

    private void Struct(string? shape, int depth)
    {
        if (depth > Deepest)
            throw Broken();
        if (shape == "ColumnMetaData")
            _chunks.Add([]);
        var fields = shape is null ? null : Shapes.GetValueOrDefault(shape);
        for (var id = 0; ;)
        {
            var head = Byte();
            if (head == 0)
                return;
            id = head >> 4 == 0 ? (int)Number() : id + (head >> 4);
            Value(head & 15, fields?.GetValueOrDefault(id), depth, (shape, id), isElement: false);
        }
    }

    private void Value(int wire, string? wanted, int depth, (string? Shape, int Id) field, bool isElement)
    {
        if (wanted is not null && !Fits(wire, wanted))
            throw Broken();
        switch (wire)
        {
            case 1 or 2:
                Skip(isElement ? 1 : 0);
                break;
            case 3:
                Skip(1);
                break;
            case 4 or 5 or 6:
                Take(field, Number());
                break;
            case 7:
                Skip(8);
                break;
            case 8:
                Skip(Count());
                break;
            case 9 or 10:
                var head = Byte();
                var count = head >> 4 == 15 ? Count() : head >> 4;
                // Every element takes a byte at least.
                if (count > _end - _at)
                    throw Broken();
                for (var element = 0; element < count; element++)
                    Value(head & 15, wanted?[1..^1], depth + 1, (null, 0), isElement: true);
                break;
            case 11:
                var pairs = Count();
                if (pairs > _end - _at)
                    throw Broken();
                var kinds = pairs == 0 ? 0 : Byte();
                for (var pair = 0; pair < pairs; pair++)
                {
                    Value(kinds >> 4, null, depth + 1, (null, 0), isElement: true);
                    Value(kinds & 15, null, depth + 1, (null, 0), isElement: true);
                }

                break;
            case 12:
                Struct(wanted, depth + 1);
                break;
            default:
                throw Broken();
        }
    }

    private static bool Fits(int wire, string wanted) => wanted switch
    {
        "bool" => wire is 1 or 2,
        "byte" => wire == 3,
        "number" => wire is 4 or 5 or 6,
        "binary" => wire == 8,
        ['[', ..] => wire == 9,
        _ => wire == 12,
    };

    private void Take((string? Shape, int Id) field, long number)
    {
        switch (field)
        {
            case ("ColumnMetaData", _):
                _chunks[^1][field.Id] = number;
                break;
            case ("RowGroup", 3):
                _rows += number;
                if (number < 0 || _rows > MostRows)
                    throw _file.Broken("footer", $"{(number < 0 ? number : _rows)} rows", $"0 to {MostRows}");
                break;
            case ("PageHeader", _):
                _page[field.Id] = number;
                break;
            case ("DataPageV2", 6) when number > 0:
                // The library reads pages of version 2 of plain columns, not of lists, whose rows repeat.
                throw _file.Broken(_place, "a column of lists in data pages of version 2", "pages of version 1 (what pyarrow writes by default)");
            case ("DataPage" or "DataPageV2", 1):
                _values += number;
                if (number < 0 || _values > MostValues)
                    throw Broken();
                break;
        }
    }

    private int Byte() => _at < _end ? _content[_at++] : throw Broken();

    private void Skip(int count) => _at = count <= _end - _at ? _at + count : throw Broken();

    private int Count() => Varint() is <= int.MaxValue and var count ? (int)count : throw Broken();

    private long Number() => Varint() is var bits ? (long)(bits >> 1) ^ -(long)(bits & 1) : 0;

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw Broken();
    }

    private InvalidDataFileException Broken() => _file.Broken(_place, "what cannot be read as Parquet", "a whole Parquet file");

    private static Dictionary<string, Dictionary<int, string>> Parsed(params string[] lines) => lines.Select(line => line.Split(' ')).ToDictionary(
        words => words[0], words => words.Skip(1).Select(word => word.Split(':')).ToDictionary(parts => int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts => parts[1]));
}
