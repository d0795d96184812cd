using System.Globalization;

namespace Vault.Clients.Tests;

/// <summary>Keys that clients and servers get wrong.</summary>
internal static class AwkwardKeys
{
    private static readonly string[] Shapes =
    [
        "space in name {0}", "plus+sign {0}", "percent%25 {0}", "emoji 😀 {0}", "double//slash {0}",
            "dots/../inside {0}", "trailing slash {0}/",
        "question?mark {0}", "hash#mark {0}", "quote\"s' {0}", "amp&lt;<>{0}", "back\\slash {0}", "ünïcødé {0}",
            "日本語/{0}", "tilde~ {0}", "{0}/.", "a=b,c;d:@ {0}",
    ];

    public static List<string> Make(int count)
    {
        var keys = new List<string>(count);
        for (var i = 0; keys.Count < count - 1; i++)
        {
            keys.Add(string.Format(CultureInfo.InvariantCulture, Shapes[i % Shapes.Length], i));
        }

        keys.Add(new string('k', 1024));
        return keys;
    }
}
