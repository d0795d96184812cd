using System.Text;

namespace Vault.Sql.Dialects;

/// <summary>
/// Turns the common text into one database's: replaces <c>{tokens}</c>. The two implementations are the only places
/// that know how the databases differ.
/// </summary>
internal abstract class SqlDialect
{
    public string Translate(string text)
    {
        var result = new StringBuilder(text.Length + 64);
        var position = 0;
        while (text.IndexOf('{', position) is var open and >= 0)
        {
            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                throw new ArgumentException($"A dialect token is not closed: {text[open..]}", nameof(text));
            }

            result.Append(text, position, open - position).Append(Token(text[(open + 1)..close]));
            position = close + 1;
        }

        return Finish(result.Append(text, position, text.Length - position).ToString());
    }

    protected abstract string Token(string name);

    protected virtual string Finish(string text) => text;

    protected static ArgumentException Unknown(string name)
        => new($"There is no dialect token {{{name}}}; docs/spec/database.md lists them.");
}
