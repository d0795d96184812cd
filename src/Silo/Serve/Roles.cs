using System.Diagnostics.CodeAnalysis;

namespace Vault.Silo.Serve;

/// <summary>What one process does.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Runs grains and has the database.</summary>
    Silo = 1,

    /// <summary>Keeps shards on its volumes.</summary>
    Node = 2,

    /// <summary>Serves S3.</summary>
    S3 = 4,

    /// <summary>Serves the operator API.</summary>
    Control = 8,

    /// <summary>Hub, sync and rendezvous.</summary>
    Gateway = 16,

    /// <summary>Everything in one process.</summary>
    All = Silo | Node | S3 | Control | Gateway,
}

/// <summary>Roles as the setting spells them.</summary>
internal static class RoleNames
{
    /// <summary>Every role, and no other process.</summary>
    public const string All = "all";

    private static readonly Dictionary<string, Roles> Names = new(StringComparer.Ordinal)
    {
        [All] = Roles.All,
        ["silo"] = Roles.Silo,
        ["node"] = Roles.Node,
        ["s3"] = Roles.S3,
        ["control"] = Roles.Control,
        ["gateway"] = Roles.Gateway,
    };

    public static bool TryParse(string text, out Roles roles, [NotNullWhen(false)] out string? fault)
    {
        roles = Roles.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Names.TryGetValue(name, out var role))
            {
                fault = $"'{name}' is no role: say all, or some of silo, node, s3, control and gateway with commas "
                    + "between them.";
                return false;
            }

            roles |= role;
        }

        fault = null;
        return true;
    }
}
