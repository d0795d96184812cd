using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Vault.Architecture.Tests;

/// <summary>Every default of every setting; a changed default is a changed product.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Default_settings_are_as_recorded() => Snapshot.Compare("Settings.lock", Lines());

    [Fact]
    public void Options_classes_have_a_parameterless_constructor()
    {
        var stuck = OptionsTypes().Where(t => t.GetConstructor(Type.EmptyTypes) is null).Select(t => t.FullName);
        Assert.Empty(stuck);
    }

    private static IEnumerable<string> Lines()
    {
        foreach (var type in OptionsTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            var defaults = Activator.CreateInstance(type)!;
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanRead && p.GetIndexParameters().Length == 0)
                .OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                yield return $"{type.FullName}.{property.Name} = {Text(property.GetValue(defaults))}";
            }
        }
    }

    private static IEnumerable<Type> OptionsTypes() =>
        Repository.ProductAssemblies.SelectMany(a => a.GetExportedTypes())
            .Where(t => t is { IsClass: true, IsSealed: true, IsAbstract: false }
                && t.Name.EndsWith("Options", StringComparison.Ordinal)
                && t.Namespace!.StartsWith("Vault.", StringComparison.Ordinal));

    private static string Text(object? value) => value switch
    {
        null => "null",
        string text => $"\"{WithoutHome(text)}\"",
        IDictionary map =>
            $"{{{string.Join(", ", map.Keys.Cast<object>().Select(k => $"{Text(k)}: {Text(map[k])}"))}}}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Text))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ when value.GetType().IsClass && value is not Delegate => value.GetType().Name,
        _ => value.ToString() ?? "",
    };

    /// <summary>Default folders lie under the user's; which user runs the tests is no setting.</summary>
    private static string WithoutHome(string text)
    {
        foreach (var (folder, name) in new[]
        {
            (Environment.SpecialFolder.LocalApplicationData, "{local data}"),
            (Environment.SpecialFolder.ApplicationData, "{configuration}"),
            (Environment.SpecialFolder.UserProfile, "{home}"),
        })
        {
            if (Environment.GetFolderPath(folder, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 1 } path)
            {
                text = text.Replace(path, name, StringComparison.Ordinal);
            }
        }

        return text;
    }
}
