namespace Vault.Protocol.Macaroons;

/// <summary>What a request does, and the set that a capability allows.</summary>
[Flags]
public enum CapabilityOperations
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read an object.</summary>
    Get = 1 << 0,

    /// <summary>Read what is known about an object or a bucket.</summary>
    Head = 1 << 1,

    /// <summary>List buckets, objects, versions, uploads or parts.</summary>
    List = 1 << 2,

    /// <summary>Write an object; implies <see cref="Multipart"/>.</summary>
    Put = 1 << 3,

    /// <summary>Delete an object.</summary>
    Delete = 1 << 4,

    /// <summary>Multipart uploads.</summary>
    Multipart = 1 << 5,

    /// <summary>Object tags.</summary>
    Tag = 1 << 6,

    /// <summary>Access control lists.</summary>
    Acl = 1 << 7,

    /// <summary>Particular versions of objects.</summary>
    Version = 1 << 8,

    /// <summary>Retention and legal hold.</summary>
    Lock = 1 << 9,

    /// <summary>Create, configure and delete buckets, projects, tenants.</summary>
    Admin = 1 << 10,

    /// <summary>Make further credentials.</summary>
    Mint = 1 << 11,

    /// <summary>Make share links.</summary>
    Share = 1 << 12,

    /// <summary>Everything.</summary>
    All = (1 << 13) - 1,
}

/// <summary>Names of <see cref="CapabilityOperations"/> in caveats.</summary>
public static class OperationNames
{
    private static readonly string[] Names =
    [
        "get", "head", "list", "put", "delete", "multipart", "tag", "acl", "version", "lock", "admin", "mint", "share",
    ];

    /// <summary>What the API's shorthand <c>read</c> stands for; expanded when a token is minted.</summary>
    public const CapabilityOperations Read =
        CapabilityOperations.Get | CapabilityOperations.Head | CapabilityOperations.List;

    /// <summary>What the API's shorthand <c>write</c> stands for; expanded when a token is minted.</summary>
    public const CapabilityOperations Write = CapabilityOperations.Put | CapabilityOperations.Delete
        | CapabilityOperations.Multipart | CapabilityOperations.Tag;

    /// <summary>Reads one name of a caveat; shorthands are not names.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out CapabilityOperations operation)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (name.SequenceEqual(Names[i]))
            {
                operation = (CapabilityOperations)(1 << i);
                return true;
            }
        }

        operation = CapabilityOperations.None;
        return false;
    }

    /// <summary>Reads names and shorthands as the API takes them, for minting.</summary>
    public static bool TryExpand(ReadOnlySpan<char> name, out CapabilityOperations operations)
    {
        operations = name switch
        {
            "read" => Read,
            "write" => Write,
            _ => CapabilityOperations.None,
        };
        return operations != CapabilityOperations.None || TryParse(name, out operations);
    }

    /// <summary>The names in a fixed order, separated by commas.</summary>
    public static string Format(CapabilityOperations operations) =>
        string.Join(',', Names.Where((_, i) => operations.HasFlag((CapabilityOperations)(1 << i))));
}
