using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Options;
using Vault.ControlPlane;
using Vault.Grains.Nodes;
using Vault.Grains.Objects;
using Vault.Grains.Reclaim;
using Vault.Grains.Repair;
using Vault.S3Gateway;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Silo.Serve;

/// <summary>
/// Names and forms of the program's own settings, looked at before anything starts: what an options class cannot take
/// is refused, what it does not know is refused in a file and warned of in the environment.
/// </summary>
internal static class SettingsCheck
{
    /// <summary>Longest name for which a neighbour is looked for; more is no slip of the finger.</summary>
    private const int LongestName = 64;

    private static readonly Dictionary<string, Type> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Vault"] = typeof(ServeOptions),
        ["Volume"] = typeof(VolumeOptions),
        ["S3"] = typeof(S3Options),
        ["ControlPlane"] = typeof(ControlPlaneOptions),
        ["ObjectIndex"] = typeof(ObjectIndexOptions),
        ["Reclaim"] = typeof(ReclaimOptions),
        ["Nodes"] = typeof(NodeDirectoryOptions),
        ["Repair"] = typeof(RepairOptions),
        ["Shards"] = typeof(ShardNetworkOptions),
    };

    /// <summary>Sections and variables of a file that are read elsewhere, or by a name of their own.</summary>
    private static readonly string[] Others =
    [
        "Logging", "STATE_BACKEND", "DATABASE_URL", "INTERNAL_API_TOKEN", "REQUIRE_PRODUCTION_READY",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "REDIS_URL", "VAULT_SILOS", "VAULT_ROLES", "VAULT_CLUSTER_SECRET",
    ];

    /// <exception cref="OptionsValidationException">A value has the wrong form; all of them are named.</exception>
    public static void RequireForms(IConfiguration settings)
    {
        var faults = new List<string>();
        foreach (var (name, property, setting) in Known(settings))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (!IsScalar(type))
            {
                if (setting.Value is { Length: > 0 })
                    faults.Add($"{name} is a list: write a JSON array, or {Variable(name)}__0 and so on.");
            }
            else if (setting.Value is null && setting.GetChildren().Any())
            {
                faults.Add($"{name} takes {Form(type)}, not an object or a list.");
            }
            else if (setting.Value is { } text && !Converts(type, text, property))
            {
                faults.Add($"{name} takes {Form(type)}, not '{text}' ({Variable(name)} in the environment).");
            }
        }

        if (faults.Count > 0) throw new OptionsValidationException("Settings", typeof(ServeOptions), faults);
    }

    /// <summary>One sentence for each setting of the program's own sections that nothing reads.</summary>
    /// <param name="settings">One source: a file, or the environment.</param>
    /// <param name="whole">True when all of the source is meant for this program, so its sections are looked at
    /// too.</param>
    public static IReadOnlyList<string> Unknown(IConfiguration settings, bool whole)
    {
        var faults = new List<string>();
        foreach (var section in settings.GetChildren())
        {
            if (!Sections.TryGetValue(section.Key, out var type))
            {
                if (whole && !Others.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                    faults.Add($"there is no section '{section.Key}'{Nearest(section.Key, Sections.Keys)}");
                continue;
            }

            var names = Properties(type).Select(p => p.Name).ToArray();
            foreach (var setting in section.GetChildren())
            {
                if (!names.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
                    faults.Add($"there is no setting '{setting.Path}'{Nearest(setting.Key, names)}");
            }
        }

        return faults;
    }

    /// <summary>The environment's spelling of a setting.</summary>
    public static string Variable(string setting) => setting.Replace(":", "__", StringComparison.Ordinal);

    private static IEnumerable<(string Name, PropertyInfo Property, IConfigurationSection Setting)> Known(
        IConfiguration settings) =>
        from section in Sections
        from property in Properties(section.Value)
        let name = $"{section.Key}:{property.Name}"
        select (name, property, settings.GetSection(name));

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite);

    private static bool IsScalar(Type type) => type.IsPrimitive || type == typeof(string) || type == typeof(TimeSpan);

    /// <summary>An empty text leaves out what may be left out, as the binder has it.</summary>
    private static bool Converts(Type type, string text, PropertyInfo property)
    {
        if (text.Length == 0 && Nullable.GetUnderlyingType(property.PropertyType) is not null) return true;
        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException
            or NotSupportedException)
        {
            return false;
        }
    }

    private static string Form(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time such as 00:00:08",
        _ when type == typeof(string) => "a text",
        _ => "a whole number",
    };

    private static string Nearest(string wrong, IEnumerable<string> names)
    {
        if (wrong.Length > LongestName) return "";
        var (best, distance) = ("", int.MaxValue);
        foreach (var name in names)
        {
            var away = Distance(wrong.ToUpperInvariant(), name.ToUpperInvariant());
            if (away < distance) (best, distance) = (name, away);
        }

        return distance <= Math.Max(2, wrong.Length / 3) ? $": did you mean '{best}'?" : "";
    }

    /// <summary>Levenshtein's: letters to insert, remove or replace.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
