using Vault.Load.Client;
using Vault.Load.Running;
using Vault.Load.Workload;

namespace Vault.Load.Limits;

/// <summary>Measures the machine: raw Kestrel with the load client, hashes, cipher, disk.</summary>
internal sealed class LimitsRun(LimitsSettings settings)
{
    private const int LargeBytes = 1 << 20;
    private const int LargeConnections = 2;

    public LimitsReport Execute()
    {
        var kestrel = MeasureKestrel();
        var cpu = HashLimits.Measure(settings.UnitSeconds);
        var disk = DiskLimits.Measure(settings.Directory, settings.UnitSeconds);
        var put = kestrel.Where(result => result.Operation == "put").MaxBy(result => result.Size)!;
        var putCpu = (put.ClientCores + (put.ServerCores ?? 0)) / (put.MegabytesPerSecond * 1e6);
        var shared = cpu.Md5 + cpu.Sha256 + cpu.AesGcm + cpu.Crc32 + putCpu;
        return new LimitsReport
        {
            Cores = Environment.ProcessorCount,
            Kestrel = kestrel,
            Cpu = cpu,
            Disk = disk,
            KestrelPutCpuPerByte = putCpu,
            SignedPutLimit = Limit(shared + cpu.Sha256, disk),
            UnsignedPutLimit = Limit(shared, disk),
        };
    }

    private static double Limit(double cpuPerByte, DiskLimits disk) =>
        1 / Math.Max(cpuPerByte / Environment.ProcessorCount, 1 / disk.BytesPerSecond);

    private List<LoadResult> MeasureKestrel()
    {
        using var server = RawServerProcess.Start(settings.Seed);
        var results = new List<LoadResult>();
        foreach (var size in settings.Sizes)
        {
            foreach (var operation in new[] { Operation.Get, Operation.Put })
            {
                var report = new LoadRun(new LoadSettings
                {
                    Target = new S3Target
                    {
                        Endpoint = server.Endpoint,
                        Bucket = $"{RawServer.BucketPrefix}{size}",
                        AccessKeyId = "kraw",
                        SecretAccessKey = "raw",
                        Region = "us-east-1",
                    },
                    Operation = operation,
                    Size = size,
                    Connections = size > LargeBytes ? LargeConnections : settings.Connections,
                    DistinctBodies = 1,
                    Seed = settings.Seed,
                    WarmUpSeconds = settings.WarmUpSeconds,
                    Seconds = settings.Seconds,
                    Runs = settings.Runs,
                    ServerProcess = server.Id,
                }).Execute();
                if (report.Errors.Count > 0)
                    throw new InvalidOperationException($"Raw server, {operation} of {size} bytes: {report.Errors[0]}");
                results.Add(report.Median);
                Console.Error.WriteLine(Summary.Line(report.Median));
            }
        }

        return results;
    }
}

/// <summary>How long and with what sizes to measure.</summary>
internal sealed record LimitsSettings
{
    public required IReadOnlyList<int> Sizes { get; init; }

    public required string Directory { get; init; }

    public required int Connections { get; init; }

    public required double WarmUpSeconds { get; init; }

    public required double Seconds { get; init; }

    public required int Runs { get; init; }

    /// <summary>Seconds for each hash and each disk pattern.</summary>
    public required double UnitSeconds { get; init; }

    public required int Seed { get; init; }
}
