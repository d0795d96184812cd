using Vault.Load.Limits;
using Vault.Load.Running;

namespace Vault.Load.Ratios;

/// <summary>Puts what was measured on a server beside what the machine allows.</summary>
internal static class RatioTable
{
    private const int Small = 4096;
    private const int SmallRangeEnd = 64 << 10;
    private const int Large = 64 << 20;
    private const double GetSmall = 0.45;
    private const double PutSmall = 0.25;
    private const double GetLarge = 0.6;
    private const double PutLarge = 0.75;
    private const double OtherSizes = 0.6;

    /// <summary>GET and PUT of every size that both sides have.</summary>
    /// <param name="limits">What the machine allows.</param>
    /// <param name="results">The server's results; true marks unsigned payloads.</param>
    public static IReadOnlyList<Ratio> Of(
        LimitsReport limits, IReadOnlyList<(LoadResult Result, bool IsUnsigned)> results)
    {
        var ratios = new List<Ratio>();
        var smallPut =
            results.FirstOrDefault(r => r.Result is { Operation: "put", Size: Small } && !r.IsUnsigned).Result;
        double? smallShare = smallPut is not null && Raw(limits, smallPut) is { } raw
            ? smallPut.OperationsPerSecond / raw.OperationsPerSecond
            : null;
        foreach (var (result, isUnsigned) in results.OrderBy(r => r.Result.Operation).ThenBy(r => r.Result.Size))
        {
            if (Raw(limits, result) is not { } baseline)
                continue;
            var name =
                $"{result.Operation.ToUpperInvariant()} {result.Size} B{(isUnsigned ? ", unsigned payload" : "")}";
            ratios.Add(result is { Operation: "put", Size: >= Large }
                ? new Ratio
                {
                    Name = name + ", of the PUT limit",
                    Measured = result.MegabytesPerSecond * 1e6,
                    Limit = isUnsigned ? limits.UnsignedPutLimit : limits.SignedPutLimit,
                    Wanted = PutLarge,
                }
                : new Ratio
                {
                    Name = name + ", of raw Kestrel",
                    Measured = result.OperationsPerSecond,
                    Limit = baseline.OperationsPerSecond,
                    Wanted = WantedOf(result, smallShare),
                });
        }

        return ratios;
    }

    private static LoadResult? Raw(LimitsReport limits, LoadResult result) =>
        limits.Kestrel.FirstOrDefault(raw => raw.Operation == result.Operation && raw.Size == result.Size);

    private static double? WantedOf(LoadResult result, double? smallPutShare) => result switch
    {
        { Operation: "get", Size: Small } => GetSmall,
        { Operation: "get", Size: Large } => GetLarge,
        { Operation: "put", Size: Small } => PutSmall,
        { Operation: "put", Size: > Small and <= SmallRangeEnd } => smallPutShare * OtherSizes,
        _ => null,
    };
}
