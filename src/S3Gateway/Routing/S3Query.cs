using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Routing;

/// <summary>The decoded parameters of a query, in order; most requests have none.</summary>
internal sealed class S3Query
{
    /// <summary>A query without parameters.</summary>
    public static readonly S3Query Empty = new([]);

    private const int MaxParameters = 100;
    private readonly List<KeyValuePair<string, string>> parameters;

    private S3Query(List<KeyValuePair<string, string>> parameters) => this.parameters = parameters;

    /// <summary>How many there are.</summary>
    public int Count => parameters.Count;

    /// <summary>Name and value at a position.</summary>
    public KeyValuePair<string, string> this[int index] => parameters[index];

    /// <summary>The first value of this name, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var parameter in parameters)
            {
                if (parameter.Key == name)
                    return parameter.Value;
            }

            return null;
        }
    }

    /// <summary>True when the name is there, with or without a value.</summary>
    public bool Has(string name) => this[name] is not null;

    /// <summary>Decodes a raw query.</summary>
    /// <exception cref="S3Exception">An escape is not UTF-8, or there are more than a hundred parameters.</exception>
    public static S3Query Parse(ReadOnlySpan<char> raw)
    {
        if (raw.IsEmpty)
            return Empty;
        var found = new List<KeyValuePair<string, string>>(4);
        var walker = new QueryParameters(raw);
        while (walker.MoveNext())
        {
            if (found.Count == MaxParameters
                || QueryParameters.Decode(walker.Name) is not { } name
                || QueryParameters.Decode(walker.Value) is not { } value)
                throw S3Errors.InvalidUri.Thrown();
            found.Add(new(name, value));
        }

        return new(found);
    }
}
