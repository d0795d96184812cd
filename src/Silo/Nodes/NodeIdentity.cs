namespace Vault.Silo.Nodes;

/// <summary>What a node tells the directory about itself.</summary>
/// <param name="Id">Kept in the data directory.</param>
/// <param name="Host">Failure domain.</param>
/// <param name="Endpoint">Where its shard endpoints are reached, <c>host:port</c>.</param>
internal sealed record NodeIdentity(Guid Id, string Host, string Endpoint)
{
    /// <summary>
    /// The node id in a data directory, made when there is none; a directory that is gone takes it along.
    /// </summary>
    public static Guid ReadOrMake(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "node_id");
        if (File.Exists(path) && Guid.TryParse(File.ReadAllText(path).Trim(), out var known)) return known;
        var id = Guid.NewGuid();
        Keys.PrivateFile.Write(path, $"{id:N}\n");
        return id;
    }
}
