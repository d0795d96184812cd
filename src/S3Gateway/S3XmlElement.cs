using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace Vault.S3Gateway;

/// <summary>
/// An element of a request document. The bytes are in memory and bounded before they are parsed; a document type,
/// entities, depth over eight and more than a hundred thousand elements are refused.
/// </summary>
internal sealed class S3XmlElement
{
    private const int MaxDepth = 8;
    private const int MaxElements = 100_000;

    private S3XmlElement(string name) => Name = name;

    /// <summary>Name without its prefix.</summary>
    public string Name { get; }

    /// <summary>Text inside, without that of its children.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Child elements in order.</summary>
    public List<S3XmlElement> Children { get; } = [];

    /// <summary>The text of the first child of this name, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var child in Children)
            {
                if (child.Name == name)
                    return child.Text;
            }

            return null;
        }
    }

    /// <summary>Parses a document whose root must be <paramref name="root"/>.</summary>
    /// <exception cref="S3Exception">It isn't well-formed, exceeds a bound, or has another root.</exception>
    public static S3XmlElement Parse(ReadOnlyMemory<byte> document, string root)
    {
        var segment = MemoryMarshal.TryGetArray(document, out var array) ? array : new(document.ToArray());
        using var stream = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        try
        {
            using var reader = XmlReader.Create(stream, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                MaxCharactersFromEntities = 1024,
                CheckCharacters = false,
            });
            var element = Read(reader);
            return element.Name == root ? element : throw S3Errors.MalformedXml.Thrown();
        }
        catch (XmlException)
        {
            throw S3Errors.MalformedXml.Thrown();
        }
    }

    private static S3XmlElement Read(XmlReader reader)
    {
        S3XmlElement? root = null;
        var open = new Stack<S3XmlElement>(MaxDepth);
        var text = new StringBuilder();
        var count = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++count > MaxElements || open.Count == MaxDepth)
                        throw S3Errors.MalformedXml.Thrown();
                    var element = new S3XmlElement(reader.LocalName);
                    root ??= element;
                    if (open.TryPeek(out var parent))
                        parent.Children.Add(element);
                    text.Clear();
                    if (!reader.IsEmptyElement)
                        open.Push(element);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace
                    or XmlNodeType.Whitespace:
                    text.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    var closed = open.Pop();
                    if (closed.Children.Count == 0)
                        closed.Text = text.ToString();
                    text.Clear();
                    break;
                default:
                    break;
            }
        }

        return root ?? throw S3Errors.MalformedXml.Thrown();
    }
}
