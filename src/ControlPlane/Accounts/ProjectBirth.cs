using System.Security.Cryptography;
using Vault.ControlPlane.Credentials;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Accounts;

/// <summary>
/// Draws everything a new project is born with: its id, its secret, the owner's credential and the recovery key
/// (decisions §5.6). What the server will store is sealed in <see cref="Message"/>; the rest goes to the owner, once.
/// </summary>
public sealed class ProjectBirth : IDisposable
{
    private ProjectBirth(
        ProjectId projectId, AccessKey owner, string recoveryKey, string token, CreateProject message) =>
        (ProjectId, Owner, RecoveryKey, Token, Message) = (projectId, owner, recoveryKey, token, message);

    /// <summary>The new project's id.</summary>
    public ProjectId ProjectId { get; }

    /// <summary>The owner's credential.</summary>
    public AccessKey Owner { get; }

    /// <summary>Brings the project back when all credentials are lost.</summary>
    public string RecoveryKey { get; }

    /// <summary>The project's root macaroon, for the control plane.</summary>
    public string Token { get; }

    /// <summary>What the project's grain stores.</summary>
    public CreateProject Message { get; }

    /// <summary>Draws a project.</summary>
    public static ProjectBirth Draw(
        TenantId tenantId, string name, string billingEmail, ProjectQuota quota, ClusterKeys keys,
        MacaroonKeys macaroons)
    {
        var projectId = ProjectId.New();
        using var secret = ProjectSecret.Generate(projectId, keyNo: 1);
        string[] scope = [Caveat.Tenant(tenantId.Value), Caveat.Project(projectId.Value)];
        var root = macaroons.Mint(null, scope);
        var owner = AccessKey.Generate();
        var (recoveryText, recovery) = Protocol.Credentials.RecoveryKey.Generate();
        using (recovery)
        {
            var mintOnly = macaroons.Mint(null, [.. scope, Caveat.Operations(CapabilityOperations.Mint)]);
            var message = new CreateProject
            {
                TenantId = tenantId,
                Name = name,
                BillingEmail = billingEmail,
                Quota = quota,
                KeyNo = 1,
                RootToken = new NewToken { TailHash = SHA256.HashData(root.Signature.Span), Label = "root" },
                PublicKey = secret.Pair.PublicKey.ToArray(),
                Credentials =
                [
                    SealedCredentials.Seal(owner, macaroons.Mint(null, scope), "owner", [secret], [], keys),
                    SealedCredentials.Seal(recovery, mintOnly, "recovery", [secret], [], keys, recovery: true),
                ],
            };
            return new ProjectBirth(projectId, owner, recoveryText, root.ToText(), message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Owner.Dispose();

    /// <summary>Nothing secret.</summary>
    public override string ToString() => $"birth of {ProjectId}";
}
