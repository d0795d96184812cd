using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Vault.Runtime.Conformance.Tests;

/// <summary>
/// Reads what an assembly uses of others: each reference pins the signature of a member that the assembly does not
/// define itself.
/// </summary>
internal static class ReferenceReader
{
    /// <summary>Full names of referenced types, each with the keys of the members that are referenced.</summary>
    public static Dictionary<string, HashSet<string>> Read(IEnumerable<string> paths)
    {
        var references = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            using var file = new PEReader(File.OpenRead(path));
            var reader = file.GetMetadataReader();
            foreach (var handle in reader.TypeReferences)
            {
                Members(references, SignatureNames.NameOf(reader, handle));
            }

            foreach (var member in reader.MemberReferences.Select(reader.GetMemberReference))
            {
                if (member.Parent.Kind is not (HandleKind.TypeReference or HandleKind.TypeSpecification))
                {
                    continue;
                }

                var owner = SignatureNames.NameOf(reader, member.Parent);
                var generic = owner.IndexOf('<', StringComparison.Ordinal);
                var name = reader.GetString(member.Name);
                if (member.GetKind() == MemberReferenceKind.Method)
                {
                    Add(Members(references, generic < 0 ? owner : owner[..generic]), name, member.DecodeMethodSignature(
                        SignatureNames.Instance, null));
                }
                else
                {
                    Members(references, generic < 0 ? owner : owner[..generic])
                        .Add($"{name}: {member.DecodeFieldSignature(SignatureNames.Instance, null)}");
                }
            }
        }

        return references;
    }

    private static HashSet<string> Members(Dictionary<string, HashSet<string>> references, string type) =>
        references.TryGetValue(type, out var members) ? members : references[type] = new(StringComparer.Ordinal);

    private static void Add(HashSet<string> members, string name, MethodSignature<string> signature)
    {
        members.Add(MethodReader.Key(name, signature));
        if (name.StartsWith("get_", StringComparison.Ordinal) && signature.ParameterTypes.Length == 0)
        {
            members.Add($"{name[4..]}: {signature.ReturnType}");
        }
        else if (name.StartsWith("set_", StringComparison.Ordinal) && signature.ParameterTypes.Length == 1)
        {
            members.Add($"{name[4..]}: {signature.ParameterTypes[0]}");
        }
    }
}
