using System.Text.Json;

namespace Vault.Protocol.Tests.Vectors;

/// <summary>The published vectors of the storage specification, by section.</summary>
internal static class StorageVectors
{
    public static JsonElement Section(string name)
    {
        using var stream = typeof(StorageVectors).Assembly.GetManifestResourceStream("storage-vectors.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty(name).Clone();
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Bytes(this JsonElement element, string name) =>
        Convert.FromHexString(element.Text(name));
}
