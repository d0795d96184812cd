using System.Globalization;
using Vault.Protocol.SigV4;

namespace Vault.Protocol.Macaroons;

/// <summary>Reading of the caveat language; whatever is not understood makes the whole capability void.</summary>
internal sealed partial class CaveatRules
{
    private delegate bool ItemParser<TItem>(ReadOnlySpan<char> text, out TItem item);

    /// <summary>Collects caveats; a repeated one narrows what the earlier ones allow.</summary>
    internal sealed class Builder
    {
        private readonly CaveatRules rules = new();
        private readonly List<string> labels = [];

        public IReadOnlyList<string> Labels => labels;

        /// <summary>The rules; add nothing afterwards.</summary>
        public CaveatRules Build() => rules;

        public bool TryAdd(ReadOnlySpan<byte> bytes) => Caveat.TrySplit(bytes, out var caveat) && TryAdd(caveat);

        public bool TryAdd(Caveat caveat)
        {
            var value = caveat.Value;
            switch (caveat.Name)
            {
                case "tenant":
                    return TrySame(rules.Tenant, value) && (rules.Tenant = value) is not null;
                case "project":
                    return TrySame(rules.Project, value) && (rules.Project = value) is not null;
                case "bucket":
                    return TryAddBuckets(value);
                case "prefix":
                    return TryAppend<byte[]>(ref rules.prefixes, value, TryUnescape);
                case "ops":
                    return TryAddOperations(value);
                case "not-before":
                    return TryAddNotBefore(value);
                case "not-after":
                    return TryAddNotAfter(value);
                case "ip":
                    return TryAppend<CidrBlock>(ref rules.addresses, value, CidrBlock.TryParse);
                case "max-size":
                    return TryNumber(value, out var size) && (rules.MaxSize = Math.Min(rules.MaxSize, size)) >= 0;
                case "max-object-ttl":
                    return TryNumber(value, out var ttl)
                        && (rules.maxObjectTtlSeconds = Math.Min(rules.maxObjectTtlSeconds, ttl)) >= 0;
                case "method":
                    return TryAddMethods(value);
                case "content-type":
                    return TryAppend<string>(ref rules.contentTypes, value, TryContentType);
                case "label":
                    labels.Add(value);
                    return true;
                case "nonce":
                    return HexText.IsHex(value);
                default:
                    return false;
            }
        }

        private static bool TrySame(string? earlier, string value) => earlier is null || earlier == value;

        private bool TryAddBuckets(string value)
        {
            if (!TryList<string>(value, TryText, out var names))
                return false;
            if (!names.Contains("*"))
                rules.buckets = [.. rules.buckets, names];
            return true;
        }

        private bool TryAddOperations(string value)
        {
            if (!TryList<CapabilityOperations>(value, OperationNames.TryParse, out var items))
                return false;
            var set = items.Aggregate((a, b) => a | b);
            if (set.HasFlag(CapabilityOperations.Put))
                set |= CapabilityOperations.Multipart;
            rules.Operations &= set;
            return true;
        }

        private bool TryAddMethods(string value)
        {
            if (!TryList<CredentialMethod>(value, TryMethod, out var items))
                return false;
            rules.methods &= items.Aggregate((a, b) => a | b);
            return true;
        }

        private bool TryAddNotBefore(string value)
        {
            if (!CaveatTime.TryParse(value, out var time))
                return false;
            rules.notBefore = time > rules.notBefore ? time : rules.notBefore;
            return true;
        }

        private bool TryAddNotAfter(string value)
        {
            if (!CaveatTime.TryParse(value, out var time))
                return false;
            rules.NotAfter = time < rules.NotAfter ? time : rules.NotAfter;
            return true;
        }

        private static bool TryAppend<TItem>(ref TItem[][] lists, string value, ItemParser<TItem> parser)
        {
            if (!TryList(value, parser, out var items))
                return false;
            lists = [.. lists, items];
            return true;
        }

        private static bool TryList<TItem>(string value, ItemParser<TItem> parser, out TItem[] items)
        {
            items = new TItem[value.AsSpan().Count(',') + 1];
            var count = 0;
            foreach (var range in value.AsSpan().Split(','))
            {
                var text = value.AsSpan()[range];
                if (text.IsEmpty || text[0] == ' ' || text[^1] == ' ' || !parser(text, out items[count++]))
                    return false;
            }

            return true;
        }

        private static bool TryText(ReadOnlySpan<char> text, out string item)
        {
            item = text.ToString();
            return true;
        }

        private static bool TryContentType(ReadOnlySpan<char> text, out string item)
        {
            item = text.ToString();
            return text.IndexOf('*') is var star && (star < 0 || star == text.Length - 1);
        }

        private static bool TryMethod(ReadOnlySpan<char> text, out CredentialMethod item)
        {
            item = text switch
            {
                "header" => CredentialMethod.Header,
                "presigned" => CredentialMethod.Presigned,
                "bearer" => CredentialMethod.Bearer,
                _ => CredentialMethod.None,
            };
            return item != CredentialMethod.None;
        }

        /// <summary>Percent escapes to bytes; a lone percent sign or bytes that are not UTF-8 are malformed.</summary>
        private static bool TryUnescape(ReadOnlySpan<char> text, out byte[] item)
        {
            item = [];
            for (var at = text.IndexOf('%');
                at >= 0;
                at = text[at..].IndexOf('%') is var next and >= 0 ? at + next : -1)
            {
                if (text.Length - at < 3 || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                    return false;
                at += 3;
            }

            var bytes = new ByteBuilder(stackalloc byte[256]);
            UriText.AppendDecoded(ref bytes, text, plusIsSpace: false);
            item = bytes.Written.ToArray();
            bytes.Dispose();
            return System.Text.Unicode.Utf8.IsValid(item);
        }

        private static bool TryNumber(string value, out long number)
        {
            number = 0;
            return !value.AsSpan().ContainsAnyExceptInRange('0', '9')
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }
    }
}
