using System.Net;
using System.Text;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Single values in the server's documents.</summary>
internal static class XmlText
{
    public static bool IsError(byte[] xml) =>
        xml.Length is > 0 and < 4096 && Encoding.UTF8.GetString(xml).Contains("<Error>", StringComparison.Ordinal);

    /// <summary>The text of the first such element; empty when there is none.</summary>
    public static string Value(byte[] xml, string element) =>
        Values(Encoding.UTF8.GetString(xml), element).FirstOrDefault("");

    /// <summary>The texts of all such elements, which contain no others.</summary>
    public static IEnumerable<string> Values(string xml, string element)
    {
        var open = $"<{element}>";
        for (var at = xml.IndexOf(open, StringComparison.Ordinal); at >= 0;
            at = xml.IndexOf(open, at, StringComparison.Ordinal))
        {
            at += open.Length;
            yield return WebUtility.HtmlDecode(xml[at..xml.IndexOf('<', at)]);
        }
    }
}
