using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Vault.Grains.Abstractions.Wire;

namespace Vault.Architecture.Tests;

/// <summary>
/// What becomes of a call that is sent twice is part of its contract: said in words for people, marked for front ends.
/// </summary>
public sealed partial class RepeatTests
{
    private const string Safe = "Safe to repeat";
    private const string Unsafe = "Not safe to repeat:";
    private const string Read = "A read: repeat at will";

    [Fact]
    public void Every_method_says_whether_it_may_be_repeated_and_is_marked_accordingly()
    {
        var wrong = new List<string>();
        foreach (var (method, text) in Documented())
        {
            var said = Words().Matches(text).Select(m => m.Value).Distinct().ToList();
            var name = $"{method.DeclaringType!.Name}.{method.Name}";
            if (said.Count != 1)
            {
                wrong.Add($"{name} says {said.Count} times whether it may be repeated.");
            }
            else if (said[0] != Unsafe != method.IsDefined(typeof(RepeatableAttribute)))
            {
                wrong.Add($"{name} says \"{said[0]}\" and is {(said[0] == Unsafe ? "" : "not ")}marked [Repeatable].");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_these_calls_wait_longer_than_their_caller_would()
    {
        var slow = WireContracts.Methods
            .Where(m => m.IsDefined(typeof(ResponseTimeoutAttribute)))
            .Select(m => $"{WireContracts.AliasOf(m.DeclaringType!)} {WireContracts.AliasOf(m)} "
                + $"{m.GetCustomAttribute<ResponseTimeoutAttribute>()!.Timeout:c}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "vault.object-index complete-upload 00:00:30",
                "vault.object-index delete-many 00:00:30",
                "vault.object-list list 00:00:30",
                "vault.reclaim run 00:00:30",
                "vault.repair run 00:00:30",
                "vault.upload abort 00:00:30",
                "vault.upload-read list 00:00:30",
            ],
            slow);
    }

    /// <summary>Each method of a grain interface with what its XML documentation says.</summary>
    private static IEnumerable<(MethodInfo Method, string Text)> Documented()
    {
        foreach (var assembly in WireContracts.Interfaces.GroupBy(i => i.Assembly))
        {
            var members = XDocument.Load(Path.ChangeExtension(assembly.Key.Location, ".xml")).Descendants("member")
                .ToLookup(m => m.Attribute("name")!.Value.Split('(')[0], m => Spaces().Replace(m.Value, " "));
            foreach (var method in assembly.SelectMany(i => i.GetMethods()))
            {
                yield return (method, string.Join(' ', members[$"M:{method.DeclaringType!.FullName}.{method.Name}"]));
            }
        }
    }

    [GeneratedRegex($"{Safe}|{Unsafe}|{Read}")]
    private static partial Regex Words();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
