using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vault.Load.Running;

/// <summary>Results for people (standard error) and for programs (standard output).</summary>
internal static class Summary
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Line(LoadResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Operation,-6} {result.Size,9} B x{result.Connections,-3} {result.OperationsPerSecond,10:n0}/s " +
        $"{result.MegabytesPerSecond,9:n1} MB/s  p50 {result.P50Microseconds:n0} p90 {result.P90Microseconds:n0} " +
        $"p99 {result.P99Microseconds:n0} us  client {result.ClientCores:n2} server {result.ServerCores:n2} cores");

    public static T Read<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json)
        ?? throw new InvalidDataException($"{path} holds nothing.");

    public static void Write<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));
}
