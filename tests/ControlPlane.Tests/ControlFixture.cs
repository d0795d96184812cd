using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Testing;

[assembly: AssemblyFixture(typeof(Vault.ControlPlane.Tests.ControlFixture))]

namespace Vault.ControlPlane.Tests;

/// <summary>One running program for all control-plane tests; each test makes its own tenant or project.</summary>
public sealed class ControlFixture : IAsyncLifetime
{
    public const string InternalToken = "0123456789abcdef0123456789abcdef";

    private VaultProcess? _vault;
    private int _names;

    public VaultProcess Vault => _vault!;

    public ControlClient Operator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultProcess.StartAsync(
            null, new Dictionary<string, string> { ["INTERNAL_API_TOKEN"] = InternalToken });
        Operator = new ControlClient(Vault.Control, Vault.AdminToken);
    }

    public string NewName(string what) => $"{what}-{Interlocked.Increment(ref _names)}";

    public async Task<string> NewTenantAsync() =>
        (string)(await SendAsync(Operator, "POST", "/v1/tenants", new JsonObject
        {
            ["name"] = NewName("tenant"),
            ["owner_email"] = "a@example.test",
        }))["tenant"]!["tenant_id"]!;

    /// <summary>The answer of <c>POST /v1/projects</c>.</summary>
    public async Task<JsonObject> NewProjectAsync(string? tenant = null)
    {
        tenant ??= await NewTenantAsync();
        var name = NewName("project");
        return await SendAsync(
            Operator, "POST", "/v1/projects",
            new JsonObject { ["tenant_id"] = tenant, ["name"] = name, ["billing_email"] = $"{name}@example.test" });
    }

    public S3TestClient S3(JsonNode credential) =>
        new(Vault.S3, (string)credential["access_key_id"]!, (string)credential["secret_access_key"]!);

    public static Task<JsonObject> SendAsync(
        ControlClient client, string method, string path, JsonObject? body = null) =>
        client.SendAsync(new HttpMethod(method), path, body, TestContext.Current.CancellationToken);

    /// <summary>The code of the refusal that a call must end in.</summary>
    public static async Task<string> RefusalAsync(Func<Task> call) =>
        (await Assert.ThrowsAsync<ControlException>(call)).Code;

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        if (_vault is not null) await _vault.DisposeAsync();
    }
}
