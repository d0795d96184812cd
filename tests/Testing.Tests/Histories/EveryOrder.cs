using Vault.Testing.Histories;

namespace Vault.Testing.Tests.Histories;

/// <summary>Judges few operations by trying every order, as the definition says.</summary>
internal static class EveryOrder
{
    public static bool Explains(IReadOnlyList<Operation> operations) =>
        Try([.. operations.Where(o => o.Outcome != Outcome.Failed
            && !(o.Outcome == Outcome.Unknown && o.Kind == OperationKind.Get))], null);

    private static bool Try(List<Operation> left, string? state)
    {
        if (left.TrueForAll(o => o.Outcome == Outcome.Unknown))
        {
            return true;
        }

        foreach (var operation in left)
        {
            if (left.Exists(other => other.Answered < operation.Called))
            {
                continue;
            }

            var fits = operation.Kind switch
            {
                OperationKind.Get => operation.Value == state,
                OperationKind.Create when operation.Outcome == Outcome.Refused => state is not null,
                OperationKind.Create => state is null,
                _ => true,
            };
            var next = operation.Kind == OperationKind.Get || operation.Outcome == Outcome.Refused
                ? state
                : operation.Value;
            if (fits && Try([.. left.Where(o => o != operation)], next))
            {
                return true;
            }
        }

        return false;
    }
}
