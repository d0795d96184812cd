using System.CommandLine;
using Vault.Load.Limits;
using Vault.Load.Running;

namespace Vault.Load;

/// <summary><c>load limits</c>: what the machine allows; and the raw server that it starts.</summary>
internal static class LimitsCommand
{
    private static readonly int[] DefaultSizes = [4096, 4097, 16 << 10, 64 << 10, 1 << 20, 64 << 20];

    public static Command Create()
    {
        var sizes = new Option<int[]>("--size")
        {
            Description = "Sizes of bodies; may be repeated",
            DefaultValueFactory = _ => DefaultSizes,
        };
        var directory = new Option<string>("--directory")
        {
            Description = "Where to measure the disk",
            DefaultValueFactory = _ => Path.GetTempPath(),
        };
        var connections = new Option<int>("--concurrency")
        {
            Description = "Connections (2 above 1 MiB)",
            DefaultValueFactory = _ => 32,
        };
        var warmUp = new Option<double>("--warm-up")
        {
            Description = "Seconds before measuring",
            DefaultValueFactory = _ => 10,
        };
        var seconds = new Option<double>("--duration")
        {
            Description = "Seconds of each measurement",
            DefaultValueFactory = _ => 60,
        };
        var runs = new Option<int>("--runs")
        {
            Description = "Measurements; the median counts",
            DefaultValueFactory = _ => 3,
        };
        var unit = new Option<double>("--unit-duration")
        {
            Description = "Seconds for each hash and each disk pattern",
            DefaultValueFactory = _ => 3,
        };
        var command = new Command(
            "limits", "Measure raw Kestrel with the same client, hashes, cipher and disk; prints JSON")
        {
            sizes, directory, connections, warmUp, seconds, runs, unit,
        };
        command.SetAction(parse =>
        {
            Summary.Write(new LimitsRun(new LimitsSettings
            {
                Sizes = parse.GetValue(sizes)!,
                Directory = parse.GetValue(directory)!,
                Connections = parse.GetValue(connections),
                WarmUpSeconds = parse.GetValue(warmUp),
                Seconds = parse.GetValue(seconds),
                Runs = parse.GetValue(runs),
                UnitSeconds = parse.GetValue(unit),
                Seed = 1,
            }).Execute());
            return 0;
        });
        return command;
    }

    public static Command CreateServer()
    {
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var command =
            new Command("kestrel", "The raw server; prints its address, ends when standard input does") { seed };
        command.SetAction(async (parse, ct) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var server = RawServer.RunAsync(parse.GetValue(seed), Console.WriteLine, stop.Token);
            await Console.In.ReadLineAsync(ct);
            await stop.CancelAsync();
            await server;
        });
        return command;
    }
}
