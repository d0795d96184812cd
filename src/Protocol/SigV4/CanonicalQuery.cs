using System.Runtime.InteropServices;

namespace Vault.Protocol.SigV4;

/// <summary>The query line of a canonical request: encoded once, sorted by name, then by value.</summary>
internal static class CanonicalQuery
{
    private const string SignatureName = "X-Amz-Signature";

    public static void Append(ref ByteBuilder to, scoped ReadOnlySpan<char> query, bool skipSignature)
    {
        if (query.IsEmpty)
            return;
        var scratch = new ByteBuilder(stackalloc byte[512]);
        var count = 1 + query.Count('&');
        Parameter[]? rented = null;
        var parameters = count <= 24
            ? stackalloc Parameter[24]
            : (rented = System.Buffers.ArrayPool<Parameter>.Shared.Rent(count));
        count = Collect(ref scratch, query, skipSignature, parameters);
        var used = parameters[..count];
        Sort(used, scratch.Written);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                to.Append((byte)'&');
            to.Append(used[i].Name(scratch.Written));
            to.Append((byte)'=');
            to.Append(used[i].Value(scratch.Written));
        }

        if (rented is not null)
            System.Buffers.ArrayPool<Parameter>.Shared.Return(rented);
        scratch.Dispose();
    }

    private static int Collect(
        ref ByteBuilder scratch, scoped ReadOnlySpan<char> query, bool skipSignature, scoped Span<Parameter> into)
    {
        var count = 0;
        var walk = new QueryParameters(query);
        while (walk.MoveNext())
        {
            if (skipSignature && walk.Name.SequenceEqual(SignatureName))
                continue;
            var start = scratch.Length;
            UriText.AppendCanonical(ref scratch, walk.Name, isPath: false);
            var middle = scratch.Length;
            UriText.AppendCanonical(ref scratch, walk.Value, isPath: false);
            into[count++] = new Parameter(start, middle, scratch.Length);
        }

        return count;
    }

    /// <summary>Insertion sort while it is short (almost always), else the library's sort over a copied key.</summary>
    private static void Sort(scoped Span<Parameter> parameters, scoped ReadOnlySpan<byte> text)
    {
        if (parameters.Length > 32)
        {
            var bytes = text.ToArray();
            parameters.Sort((a, b) => Compare(a, b, bytes));
            return;
        }

        for (var i = 1; i < parameters.Length; i++)
        {
            var item = parameters[i];
            var at = i;
            for (; at > 0 && Compare(parameters[at - 1], item, text) > 0; at--)
                parameters[at] = parameters[at - 1];
            parameters[at] = item;
        }
    }

    private static int Compare(Parameter a, Parameter b, scoped ReadOnlySpan<byte> text)
    {
        var names = a.Name(text).SequenceCompareTo(b.Name(text));
        return names != 0 ? names : a.Value(text).SequenceCompareTo(b.Value(text));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Parameter(int Start, int Middle, int End)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> text) => text[Start..Middle];

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> text) => text[Middle..End];
    }
}
