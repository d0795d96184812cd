using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Names that generated code uses more than once.</summary>
internal static class Names
{
    public const string Serialization = "global::Vault.Runtime.Serialization.";
    public const string Invocation = "global::Vault.Runtime.Invocation.";
    public const string Metadata = "global::Vault.Runtime.Metadata.";
    public const string Token = "global::System.Threading.CancellationToken";

    public static string Namespace(string assembly) => "Vault.Generated." + Identifier(assembly);

    /// <summary>A C# identifier made of a type's name.</summary>
    public static string Identifier(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var letter in name.Replace("global::", string.Empty))
        {
            text.Append(char.IsLetterOrDigit(letter) ? letter : '_');
        }

        return text.Length > 0 && char.IsDigit(text[0]) ? "_" + text : text.ToString();
    }

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);
}
