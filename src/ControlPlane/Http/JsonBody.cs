using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Vault.ControlPlane.Http;

/// <summary>Reads request bodies of at most 1 MiB, before anything is parsed.</summary>
internal static class JsonBody
{
    public const int MaxBytes = 1 << 20;

    /// <summary>The raw body; null when it is longer than <see cref="MaxBytes"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes) return null;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > MaxBytes) return null;
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The value, or the problem with it.</summary>
    public static (T? Value, Problem? Problem) Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) is { } value
                ? (value, null)
                : (null, Problem.BadRequest("The body must be a JSON object."));
        }
        catch (JsonException e)
        {
            return (null, Problem.BadRequest($"The body is not the JSON this call takes, at {e.Path ?? "$"}."));
        }
    }
}
