using System.Text;
using System.Xml.Linq;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Multipart;

namespace Vault.S3Gateway.Tests;

public sealed class XmlTests
{
    [Fact]
    public void Text_is_escaped_so_that_it_reads_back()
    {
        using var document = new S3XmlWriter();
        document.StartPlainDocument("A"u8);
        document.Element("B"u8, "a<b>&\"'\r\n\t€😀");
        document.Element("N"u8, long.MinValue);
        document.Time("T"u8, 1_795_000_000_123);
        document.End("A"u8);
        var read = XDocument.Parse(Encoding.UTF8.GetString(document.Written.Span));
        Assert.Equal("a<b>&\"'\r\n\t€😀", read.Root!.Element("B")!.Value);
        Assert.Equal("-9223372036854775808", read.Root.Element("N")!.Value);
        Assert.Equal("2026-11-18T11:06:40.123Z", read.Root.Element("T")!.Value);
    }

    [Fact]
    public void Url_encoded_names_read_back_by_plain_and_by_form_decoding()
    {
        const string Name = "a b+c%25/é?&=~*";
        using var document = new S3XmlWriter();
        document.Name("K"u8, Encoding.UTF8.GetBytes(Name), urlEncoded: true);
        var encoded = Encoding.UTF8.GetString(document.Written.Span)[3..^4];
        Assert.Equal(Name, Uri.UnescapeDataString(encoded));
        Assert.Equal(Name, System.Net.WebUtility.UrlDecode(encoded));
    }

    [Fact]
    public void A_writer_grows_beyond_its_first_buffer()
    {
        using var document = new S3XmlWriter();
        for (var i = 0; i < 10_000; i++)
            document.Element("Key"u8, i);
        Assert.Equal(10_000 * "<Key></Key>".Length + 38_890, document.Written.Length);
    }

    [Theory]
    [InlineData("<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>")]
    [InlineData(
        "<Delete xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
        + "<Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>")]
    [InlineData(
        "<?xml version='1.0'?>\n<s:Delete xmlns:s='x'><!-- c -->\n "
        + "<s:Object> <s:Key>a</s:Key> </s:Object>\n <s:Quiet>true</s:Quiet></s:Delete>")]
    public void Documents_are_read_with_and_without_namespaces(string text)
    {
        var delete = DeleteRequest.Parse(Encoding.UTF8.GetBytes(text));
        Assert.Equal("a", Assert.Single(delete.Items).Name);
        Assert.True(delete.Quiet);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("<Delete>")]
    [InlineData("<Delete></Other>")]
    [InlineData("<Other/>")]
    [InlineData("<Delete/>")]
    [InlineData("<Delete><Object/></Delete>")]
    [InlineData("<Delete><Object><Key></Key></Object></Delete>")]
    [InlineData("<!DOCTYPE Delete [<!ENTITY a 'b'>]><Delete><Object><Key>&a;</Key></Object></Delete>")]
    [InlineData("<!DOCTYPE Delete SYSTEM 'file:///etc/passwd'><Delete><Object><Key>a</Key></Object></Delete>")]
    [InlineData("<Delete><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a></Delete>")]
    public void What_is_no_delete_document_is_refused(string text)
    {
        var refused = Assert.Throws<S3Exception>(() => DeleteRequest.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Contains(refused.Error.Code, new[] { "MalformedXML", "MissingRequestBodyError" });
    }

    [Fact]
    public void Ten_thousand_laughs_are_refused_in_bounded_time_and_memory()
    {
        var bomb = new StringBuilder("<!DOCTYPE Delete [<!ENTITY l0 'ha'>");
        for (var i = 1; i < 20; i++)
            bomb.Append("<!ENTITY l").Append(i).Append(" '").Insert(bomb.Length, $"&l{i - 1};", 10).Append("'>");
        bomb.Append("]><Delete><Object><Key>&l19;</Key></Object></Delete>");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<S3Exception>(() => DeleteRequest.Parse(Encoding.UTF8.GetBytes(bomb.ToString())));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void More_than_a_thousand_keys_are_refused()
    {
        var text = "<Delete>" + string.Concat(Enumerable.Range(0, 1001).Select(i => $"<Object><Key>{i}</Key></Object>"))
            + "</Delete>";
        Assert.Throws<S3Exception>(() => DeleteRequest.Parse(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData(
        "<Part><PartNumber>2</PartNumber><ETag>a</ETag></Part><Part><PartNumber>1</PartNumber><ETag>b</ETag></Part>",
        "InvalidPartOrder")]
    [InlineData(
        "<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part><Part><PartNumber>1</PartNumber><ETag>b</ETag></Part>",
        "InvalidPartOrder")]
    [InlineData("<Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>10001</PartNumber><ETag>a</ETag></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>x</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber><ETag>a</ETag><ChecksumCRC32>x</ChecksumCRC32></Part>", "InvalidPart")]
    [InlineData("", "MalformedXML")]
    public void Wrong_part_lists_are_refused(string parts, string code)
    {
        var text = $"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>";
        var refused = Assert.Throws<S3Exception>(() => CompleteRequest.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(code, refused.Error.Code);
    }

    [Fact]
    public void Etags_of_parts_are_read_with_and_without_quotes()
    {
        const string Parts =
            "<CompleteMultipartUpload><Part><ETag>&quot;aa&quot;</ETag><PartNumber>1</PartNumber></Part>"
            + "<Part><ETag>\"bb\"</ETag><PartNumber>2</PartNumber></Part>"
            + "<Part><ETag>cc</ETag><PartNumber>9</PartNumber></Part></CompleteMultipartUpload>";
        Assert.Equal(["aa", "bb", "cc"], CompleteRequest.Parse(Encoding.UTF8.GetBytes(Parts))
            .Select(part => part.ETag));
    }

    [Fact]
    public void Any_bytes_are_a_document_or_malformed()
    {
        var random = new Random(99);
        var seed = Encoding.UTF8.GetBytes(
            "<Delete><Object><Key>a&amp;b</Key><VersionId>null</VersionId></Object><Quiet>true</Quiet></Delete>");
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Assert.NotEmpty(DeleteRequest.Parse(bytes.AsMemory(0, random.Next(bytes.Length))).Items);
            }
            catch (S3Exception refused)
            {
                Assert.InRange(refused.Error.Status, 400, 501);
            }
        }
    }
}
