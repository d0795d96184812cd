using System.Net;

namespace Vault.Sql.Orleans.Membership;

/// <summary>stand-in</summary>
public static class SiloMembership
{
    /// <summary>stand-in</summary>
    public static Task<bool> DeclareDeadAsync(Database database, string clusterId, IPAddress address, int port, CancellationToken cancellationToken) => Task.FromResult(false);
}
