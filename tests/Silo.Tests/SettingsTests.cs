using Vault.Testing;

namespace Vault.Silo.Tests;

/// <summary>Wrong settings and files end in lines that name them, never in a stack trace.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-settings-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("Vault__S3Port", "abc", "Vault:S3Port")]
    [InlineData("Vault__DrainTime", "soon", "Vault:DrainTime")]
    [InlineData("Volume__LogBytes", "many", "Volume:LogBytes")]
    [InlineData("S3__StrictRegion", "perhaps", "S3:StrictRegion")]
    public async Task A_value_of_the_wrong_form_is_named(string variable, string value, string named)
    {
        var (code, error) = await RunAsync(new() { [variable] = value }, "serve");
        Assert.Equal(2, code);
        Assert.Contains($"vault: {named} takes ", error, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", error, StringComparison.Ordinal);
        AssertPlain(error, lines: 1);
    }

    [Theory]
    [InlineData("DATABASE_URL", "Pasword", "Vault:DatabaseUrl (DATABASE_URL) is no connection string")]
    [InlineData("VAULT_SILOS", "127.0.0.1:1", "name the roles of this process")]
    public async Task A_value_that_means_nothing_here_is_named(string variable, string value, string told)
    {
        var (code, error) = await RunAsync(new() { [variable] = value }, "serve");
        Assert.Equal(2, code);
        Assert.Contains(told, error, StringComparison.Ordinal);
        AssertPlain(error, lines: 1);
    }

    [Theory]
    [InlineData("""{"Vault":{"S3Port":"abc"}}""", "Vault:S3Port takes a whole number, not 'abc'")]
    [InlineData("""{"Vault":{"S3Prt":9000}}""", "did you mean 'S3Port'?")]
    [InlineData("""{"Valt":{"S3Port":9000}}""", "did you mean 'Vault'?")]
    [InlineData("""{"Vault":{"S3Port":{"a":1}}}""", "not an object")]
    [InlineData("""{"Vault":""", "settings.json' is not a JSON object of settings")]
    [InlineData("""[1]""", "settings.json' is not a JSON object of settings")]
    public async Task A_file_of_settings_that_cannot_be_taken_says_what_and_where(string text, string what)
    {
        var file = Path.Combine(_directory, "settings.json");
        await File.WriteAllTextAsync(file, text, Token);
        var (code, error) = await RunAsync([], "serve", "--config", file);
        Assert.Equal(2, code);
        Assert.Contains(what, error, StringComparison.Ordinal);
        AssertPlain(error, lines: 1);
    }

    [Fact]
    public async Task A_file_of_settings_is_taken_and_an_unknown_variable_warned_of()
    {
        var file = Path.Combine(_directory, "settings.json");
        await File.WriteAllTextAsync(
            file, """{"Vault":{"S3Port":0,"TlsKey":null},"Logging":{"LogLevel":{"Default":"Warning"}}}""", Token);
        var (code, error) = await RunAsync(new() { ["Vault__S3Prt"] = "1" }, "migrate", "--config", file);
        Assert.Equal(0, code);
        Assert.Contains("warning", error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'S3Port'?", error, StringComparison.Ordinal);
        AssertPlain(error, lines: 1);
    }

    [Theory]
    [InlineData("/proc/x")]
    [InlineData("file")]
    public async Task A_data_directory_that_cannot_be_is_named(string path)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "file"), "", Token);
        path = Path.Combine(_directory, path);
        var (code, error) =
            await RunAsync([], "serve", "--data", path, "--s3-port", "0", "--control-port", "0");
        Assert.Equal(1, code);
        Assert.Contains($"'{path}'", error, StringComparison.Ordinal);
        Assert.Contains("--data", error, StringComparison.Ordinal);
        AssertPlain(error, lines: 1);
    }

    [Fact]
    public async Task A_clusters_directory_is_no_data_directory()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "cluster.json"), "{}", Token);
        var (code, error) =
            await RunAsync([], "up", "--data", _directory, "--s3-port", "0", "--control-port", "0");
        Assert.Equal(1, code);
        Assert.Contains($"'{_directory}' belongs to a cluster", error, StringComparison.Ordinal);
        AssertPlain(error, lines: 1);
        Assert.Equal("cluster.json", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(_directory))));
    }

    [Fact]
    public async Task Key_files_that_others_may_read_or_that_are_missing_stop_the_start_and_the_doctor_says_so()
    {
        await using (var vault = await VaultProcess.StartAsync(_directory)) Assert.Equal(0, await vault.StopAsync());
        var keys = Directory.GetFiles(_directory, "cluster-keys.json", SearchOption.AllDirectories)[0];
        var owner = Directory.GetFiles(_directory, "prj_*.json", SearchOption.AllDirectories)[0];
        foreach (var file in new[] { owner, keys })
        {
            Open(file, UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            var (code, error) = await RunAsync([], "up", "--s3-port", "0", "--control-port", "0");
            Assert.Equal(1, code);
            var last = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
            Assert.Equal($"vault: '{file}' holds keys and others may read it: run chmod 600 '{file}'.", last);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.DoesNotContain("Warning", error, StringComparison.Ordinal);
            if (file == keys) Assert.Contains("chmod 600", await DoctorAsync(), StringComparison.Ordinal);
            Open(file, UnixFileMode.None);
        }

        File.Delete(keys);
        Assert.Contains($"'{keys}' is missing", await DoctorAsync(), StringComparison.Ordinal);
    }

    private static void Open(string file, UnixFileMode others) =>
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);

    /// <summary>What the doctor finds wrong with the keys.</summary>
    private async Task<string> DoctorAsync()
    {
        var (process, _) = VaultProcess.Launch(
            _directory, null, ["doctor", "--s3-port", "0", "--control-port", "0"]);
        using (process)
        {
            var found = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.Equal(1, process.ExitCode);
            return Assert.Single(
                found.Split('\n'), line => line.StartsWith("FAIL  keys", StringComparison.Ordinal));
        }
    }

    private static void AssertPlain(string error, int lines)
    {
        var all = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines, all.Length);
        Assert.All(all, line => Assert.StartsWith("vault: ", line, StringComparison.Ordinal));
    }

    private async Task<(int Code, string Error)> RunAsync(
        Dictionary<string, string> environment, params string[] arguments)
    {
        var (process, log) = VaultProcess.Launch(_directory, environment, arguments);
        using (process)
        {
            await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            lock (log) return (process.ExitCode, log.ToString());
        }
    }
}
