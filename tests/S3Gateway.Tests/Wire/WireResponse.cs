using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Vault.S3Gateway.Tests.Wire;

/// <summary>An answer as it was on the wire.</summary>
public sealed class WireResponse
{
    private readonly Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);

    private WireResponse(int status, byte[] body) => (Status, Body) = (status, body);

    public int Status { get; }

    public byte[] Body { get; }

    public string Text => Encoding.UTF8.GetString(Body);

    public XDocument Xml => XDocument.Parse(Text);

    /// <summary>The S3 error code; empty when there is none.</summary>
    public string Code => Body.Length == 0 ? "" : Value("Code");

    public string this[string header] => headers.GetValueOrDefault(header, "");

    public bool Has(string header) => headers.ContainsKey(header);

    public string ETag => this["ETag"];

    /// <summary>The text of the first element of this name.</summary>
    public string Value(string element) =>
        Xml.Descendants().FirstOrDefault(found => found.Name.LocalName == element)?.Value ?? "";

    /// <summary>The texts of all elements of this name.</summary>
    public string[] Values(string element) =>
        [.. Xml.Descendants().Where(found => found.Name.LocalName == element).Select(found => found.Value)];

    /// <summary>The texts of the children of this name inside the elements of another name.</summary>
    public string[] Values(string parent, string element) =>
        [.. Xml.Descendants().Where(found => found.Name.LocalName == element && found.Parent!.Name.LocalName == parent)
            .Select(found => found.Value)];

    /// <summary>Fails with the answer's text unless the status is this one.</summary>
    public WireResponse Expect(int status)
    {
        Assert.True(Status == status, $"status {Status}, not {status}: {Text}");
        return this;
    }

    /// <summary>Fails unless it is this refusal, in full.</summary>
    public WireResponse Expect(int status, string code)
    {
        Expect(status);
        Assert.Equal(code, Code);
        Assert.NotEqual("", Value("Message"));
        Assert.NotEqual("", Value("Resource"));
        Assert.Equal(this["x-amz-request-id"], Value("RequestId"));
        Assert.Equal("application/xml", this["Content-Type"]);
        return this;
    }

    public static WireResponse Parse(byte[] bytes, bool isHead)
    {
        var at = 0;
        while (true)
        {
            var end = bytes.AsSpan(at).IndexOf("\r\n\r\n"u8);
            Assert.True(end >= 0, "no complete answer: " + Encoding.UTF8.GetString(bytes));
            var lines = Encoding.UTF8.GetString(bytes, at, end).Split("\r\n");
            at += end + 4;
            var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            if (status == 100)
                continue;
            var response = new WireResponse(status, bytes[at..]);
            foreach (var line in lines.Skip(1))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                response.headers[line[..colon]] = line[(colon + 1)..].Trim();
            }

            if (isHead || status is 204 or 304)
                Assert.Empty(response.Body);
            else
                Assert.Equal(response["Content-Length"], response.Body.Length.ToString(CultureInfo.InvariantCulture));
            return response;
        }
    }
}
