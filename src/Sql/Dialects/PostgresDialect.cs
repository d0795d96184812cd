using System.Text;

namespace Vault.Sql.Dialects;

/// <summary>PostgreSQL: bytea, text in byte order, numbered parameters.</summary>
internal sealed class PostgresDialect : SqlDialect
{
    protected override string Token(string name) => name switch
    {
        "blob" => "bytea",
        "text" => "text collate \"C\"",
        "bigint" => "bigint",
        "bool" => "boolean",
        "without_rowid" => "",
        "system_identifier" => "(select system_identifier::text from pg_control_system())",
        "now_ms" => "(extract(epoch from clock_timestamp()) * 1000)::bigint",
        _ => throw Unknown(name),
    };

    /// <summary>A check: the same statement, made to raise division_by_zero when it yields no row.</summary>
    public static string Check(string translated)
        => $"with checked as ({translated}) select 1 / count(*) from checked";

    /// <summary>Replaces each <c>@name</c> outside quotes and comments by <c>$n</c>.</summary>
    /// <returns>The text and the names in the order of their numbers.</returns>
    public static (string Text, string[] Names) Number(string text)
    {
        var result = new StringBuilder(text.Length);
        var names = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            var end = text[i] switch
            {
                '\'' => Close(text, i, '\''),
                '"' => Close(text, i, '"'),
                '-' when i + 1 < text.Length && text[i + 1] == '-' => Close(text, i, '\n'),
                _ => i,
            };
            if (end > i)
            {
                result.Append(text, i, end - i);
                i = end;
            }
            else if (text[i] == '@' && i + 1 < text.Length && IsNameStart(text[i + 1]))
            {
                end = i + 1;
                while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
                {
                    end++;
                }

                var name = text[(i + 1)..end];
                var number = names.IndexOf(name);
                if (number < 0)
                {
                    number = names.Count;
                    names.Add(name);
                }

                result.Append('$').Append(number + 1);
                i = end;
            }
            else
            {
                result.Append(text[i++]);
            }
        }

        return (result.ToString(), [.. names]);
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static int Close(string text, int open, char quote)
    {
        var close = text.IndexOf(quote, open + 1);
        return close < 0 ? text.Length : close + 1;
    }
}
