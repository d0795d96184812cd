using System.Text.Json;

namespace Vault.Testing;

/// <summary>One process of a <see cref="ClusterFixture"/>.</summary>
public sealed class ClusterProcess
{
    internal ClusterProcess(JsonElement row) => Update(row);

    /// <summary>
    /// Such as <c>silo-1</c>, <c>gateway-2</c>, <c>control-1</c>, <c>all-1</c>, <c>postgres</c>, <c>redis</c>.
    /// </summary>
    public string Name { get; private set; } = "";

    /// <summary><c>silo</c>, <c>s3</c>, <c>control</c>, <c>alike</c>, <c>postgres</c> or <c>redis</c>.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>What clients of it use: S3 of a gateway, the API of the control plane.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>S3 over https of a gateway; null without.</summary>
    public Uri? Tls { get; private set; }

    /// <summary>Its health and metrics; null for PostgreSQL and Redis.</summary>
    public Uri? Control { get; private set; }

    /// <summary>The supervisor, or the process itself where there is none.</summary>
    public int SupervisorId { get; private set; }

    /// <summary>The process that does the work; 0 when it has ended.</summary>
    public int ProcessId { get; private set; }

    internal void Update(JsonElement row)
    {
        Name = row.GetProperty("name").GetString()!;
        Kind = row.GetProperty("kind").GetString()!;
        Address = new Uri($"http://{row.GetProperty("address").GetString()}:{row.GetProperty("port").GetInt32()}");
        Tls = row.GetProperty("tls_port").GetInt32() is > 0 and var tls
            ? new Uri($"https://{row.GetProperty("address").GetString()}:{tls}")
            : null;
        Control = row.GetProperty("control").GetString() is { } control ? new Uri(control) : null;
        SupervisorId = row.GetProperty("pid").GetInt32();
        ProcessId = row.GetProperty("worker_pid") is { ValueKind: JsonValueKind.Number } pid ? pid.GetInt32() : 0;
    }
}
