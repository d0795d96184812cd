using System.Reflection;
using Vault.Runtime.Metadata;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Hosting;

/// <summary>
/// Finds the generated manifests: of the assemblies that are loaded, and of those that they reference, near and far.
/// </summary>
internal static class ManifestLoader
{
    public static GrainManifestBuilder Load()
    {
        var builder = new GrainManifestBuilder(new CodecRegistry());
        foreach (var assembly in Assemblies())
        {
            foreach (var manifest in assembly.GetCustomAttributes<GrainManifestAttribute>())
            {
                ((GrainManifest)Activator.CreateInstance(manifest.ManifestType)!).Register(builder);
            }
        }

        return builder;
    }

    private static List<Assembly> Assemblies()
    {
        var mark = typeof(GrainManifest).Assembly.GetName().Name;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<Assembly>();
        var queue = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic));
        while (queue.TryDequeue(out var assembly))
        {
            var name = assembly.GetName().Name!;
            if (!seen.Add(name) || IsFramework(name))
            {
                continue;
            }

            var references = assembly.GetReferencedAssemblies();
            if (name == mark || references.Any(r => r.Name == mark))
            {
                found.Add(assembly);
            }

            foreach (var reference in references)
            {
                if (!seen.Contains(reference.Name!) && !IsFramework(reference.Name!))
                {
                    Enqueue(reference);
                }
            }
        }

        void Enqueue(AssemblyName reference)
        {
            try
            {
                queue.Enqueue(Assembly.Load(reference));
            }
            catch (Exception exception)
                when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
            {
                // referenced but not deployed, so nothing of it can be used
                seen.Add(reference.Name!);
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        return found;
    }

    private static bool IsFramework(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.", StringComparison.Ordinal)
        || name is "System" or "mscorlib" or "netstandard" or "System.Private.CoreLib";
}
