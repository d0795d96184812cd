using System.Security.Cryptography;
using Vault.Client.Keys;
using Vault.ControlPlane.Accounts;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;
using Vault.Protocol.Macaroons;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.FirstStart;

/// <summary>
/// Makes the first tenant, project and owner (decisions §5.7): the credential is written and synced as
/// <c>&lt;project&gt;.json.pending</c>, then the project is committed, then the file gets its name. A start that finds
/// a pending file completes it when the project is there and discards it when it is not.
/// </summary>
internal sealed class OwnerSetup(
    IGrainFactory grains, ServeOptions options, DataDirectory data, Listeners listeners, ClusterKeys keys,
    MacaroonKeys macaroons)
{
    private readonly ClientDirectory _files = new(Path.GetFullPath(options.ConfigDirectory), data.ClusterId);

    public async Task<Owner> EnsureAsync(CancellationToken cancellationToken)
    {
        PrivateFile.EnsureDirectory(_files.Path);
        EnsureAdminToken();
        await SettlePendingAsync(cancellationToken);
        if (_files.Owners() is { Count: > 0 } owners)
            return new Owner(owners[0], _files.OwnerPath(owners[0].ProjectId), null);
        var projects = await grains.GetGrain<IAccountListGrain>(0).ListProjectsAsync(null, "", 1, cancellationToken);
        if (projects.Length > 0)
        {
            throw new SetupException(
                $"the data directory has projects, but '{_files.Path}' holds no owner's credential: copy it there, "
                + "name its directory with --keys, or run `vault serve` and make one with `vault key recover --save`");
        }

        return await MakeAsync(cancellationToken);
    }

    private async Task<Owner> MakeAsync(CancellationToken cancellationToken)
    {
        var tenantId = await EnsureTenantAsync(cancellationToken);
        var email = $"owner-{RandomNumberGenerator.GetHexString(12, lowercase: true)}@localhost.invalid";
        using var birth = ProjectBirth.Draw(tenantId, "default", email, new ProjectQuota(), keys, macaroons);
        var file = new OwnerFile
        {
            ProjectId = birth.ProjectId.Value,
            ProjectName = "default",
            AccessKeyId = birth.Owner.Id.Reveal(),
            SecretAccessKey = birth.Owner.Secret.Reveal(),
            Endpoint = DataDirectory.Text(listeners.S3!),
            Control = DataDirectory.Text(listeners.Control),
        };
        var path = _files.OwnerPath(file.ProjectId);
        PrivateFile.Write(path + ".pending", file.ToJson());
        var status = await grains.GetGrain<IProjectGrain>(file.ProjectId).CreateAsync(birth.Message, cancellationToken);
        if (status != AccountStatus.Ok) throw new SetupException($"the first project was refused: {status}");
        PrivateFile.Rename(path + ".pending", path);
        return new Owner(file, path, birth.RecoveryKey);
    }

    private async Task SettlePendingAsync(CancellationToken cancellationToken)
    {
        foreach (var pending in Directory.GetFiles(_files.Path, "prj_*.json.pending"))
        {
            var path = pending[..^".pending".Length];
            var id = Path.GetFileNameWithoutExtension(path);
            if (await grains.GetGrain<IProjectGrain>(id).ReadAsync(cancellationToken) is null) File.Delete(pending);
            else PrivateFile.Rename(pending, path);
        }
    }

    private async Task<TenantId> EnsureTenantAsync(CancellationToken cancellationToken)
    {
        var tenants = await grains.GetGrain<IAccountListGrain>(0).ListTenantsAsync("", 1, cancellationToken);
        if (tenants.Length > 0) return tenants[0].TenantId;
        var id = TenantId.New();
        var status = await grains.GetGrain<ITenantGrain>(id.Value).CreateAsync(
            new CreateTenant
            {
                Name = "default",
                OwnerEmail = "operator@localhost.invalid",
                Limits = new TenantLimits { Projects = 0 },
            },
            cancellationToken);
        return status == AccountStatus.Ok ? id : throw new SetupException($"the first tenant was refused: {status}");
    }

    /// <summary>
    /// The operator's macaroon: creates projects and revokes credentials, never makes one that decrypts.
    /// </summary>
    private void EnsureAdminToken()
    {
        if (File.Exists(_files.AdminTokenPath)) return;
        var token = macaroons.Mint(null, [Caveat.Operations(CapabilityOperations.Admin | CapabilityOperations.Mint)]);
        PrivateFile.Write(_files.AdminTokenPath, token.ToText() + "\n");
    }
}

/// <summary>The owner that <c>vault up</c> prints; the recovery key only when it was just made.</summary>
internal sealed record Owner(OwnerFile File, string Path, string? RecoveryKey)
{
    public override string ToString() => $"owner of {File.ProjectId}";
}
