using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>A list of turns through their own links; a turn is in at most one.</summary>
internal struct TurnList
{
    public Turn? First { get; private set; }

    public Turn? Last { get; private set; }

    public int Count { get; private set; }

    public void Add(Turn turn)
    {
        turn.Previous = Last;
        turn.Next = null;
        if (Last is null)
        {
            First = turn;
        }
        else
        {
            Last.Next = turn;
        }

        Last = turn;
        Count++;
    }

    public void Remove(Turn turn)
    {
        if (turn.Previous is null)
        {
            First = turn.Next;
        }
        else
        {
            turn.Previous.Next = turn.Next;
        }

        if (turn.Next is null)
        {
            Last = turn.Previous;
        }
        else
        {
            turn.Next.Previous = turn.Previous;
        }

        turn.Previous = turn.Next = null;
        Count--;
    }
}
