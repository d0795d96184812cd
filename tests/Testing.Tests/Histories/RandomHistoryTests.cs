using System.Diagnostics;
using Vault.Testing.Histories;

namespace Vault.Testing.Tests.Histories;

/// <summary>The checker against a real register, and against trying every order.</summary>
public sealed class RandomHistoryTests
{
    [Fact]
    public void Small_histories_are_judged_as_by_trying_every_order()
    {
        var (good, bad) = (0, 0);
        for (var seed = 0; seed < 4000; seed++)
        {
            var operations = Scribble(new Random(seed));
            var expected = EveryOrder.Explains(operations);
            var found = RegisterCheck.Find("k", operations);
            Assert.True(expected == (found is null), $"seed {seed}:\n{string.Join('\n', operations)}\n{found}");
            (good, bad) = expected ? (good + 1, bad) : (good, bad + 1);
        }

        Assert.True(good > 400 && bad > 400, $"{good} good, {bad} bad");
    }

    [Fact]
    public void Two_hundred_thousand_operations_of_a_real_register_pass_in_seconds()
    {
        var random = new Random(1);
        var history = new History();
        var register = new Dictionary<string, string?>();
        var clients = new Action[16];
        var done = 0;
        for (var client = 0; client < clients.Length; client++)
        {
            Next(client);
        }

        while (done < 200_000)
        {
            clients[random.Next(clients.Length)]();
        }

        var watch = Stopwatch.StartNew();
        Assert.Null(history.Check());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));

        // a step: call, then effect, then answer, each at its own time
        void Next(int client)
        {
            clients[client] = () =>
            {
                var key = "k" + (random.Next(4) > 0 ? random.Next(20) : random.Next(3000));
                var value = "v" + done++;
                Action answer;
                Action effect;
                switch (random.Next(8))
                {
                    case 0:
                        var put = history.Put(key, value);
                        (effect, answer) = (() => register[key] = value, put.Acknowledged);
                        break;
                    case 1:
                        var delete = history.Delete(key);
                        (effect, answer) = (() => register[key] = null, delete.Acknowledged);
                        break;
                    case 2:
                        var create = history.Create(key, value);
                        var won = false;
                        effect = () =>
                        {
                            won = register.GetValueOrDefault(key) is null;
                            register[key] = won ? value : register[key];
                        };
                        answer = () => (won ? (Action)create.Acknowledged : create.Refused)();
                        break;
                    default:
                        var get = history.Get(key);
                        string? seen = null;
                        (effect, answer) = (() => seen = register.GetValueOrDefault(key), () => get.Returned(seen));
                        break;
                }

                // one in a hundred answers never comes, and half of those have no effect
                var lost = random.Next(100) == 0;
                var applied = !lost || random.Next(2) == 0;
                clients[client] = () =>
                {
                    if (applied)
                    {
                        effect();
                    }

                    clients[client] = () =>
                    {
                        if (!lost)
                        {
                            answer();
                        }

                        Next(client);
                    };
                };
            };
        }
    }

    /// <summary>A few operations with answers that may be lies.</summary>
    private static List<Operation> Scribble(Random random)
    {
        var history = new History();
        var open = new List<(Operation Operation, int Kind)>();
        var operations = new List<Operation>();
        var written = new List<string?> { null };
        while (operations.Count < 6 || open.Count > 0)
        {
            if (operations.Count < 6 && (open.Count == 0 || random.Next(2) == 0))
            {
                var kind = random.Next(5);
                var value = "v" + operations.Count;
                var operation = kind switch
                {
                    0 => history.Put("k", value),
                    1 => history.Delete("k"),
                    2 => history.Create("k", value),
                    _ => history.Get("k"),
                };
                written.Add(operation.Value);
                operations.Add(operation);
                open.Add((operation, kind));
                continue;
            }

            var index = random.Next(open.Count);
            var (ended, ofKind) = open[index];
            open.RemoveAt(index);
            if (ofKind >= 3)
            {
                ended.Returned(written[random.Next(written.Count)]);
            }
            else if (random.Next(4) == 0)
            {
                ended.Unknown();
            }
            else if (ofKind == 2 && random.Next(2) == 0)
            {
                ended.Refused();
            }
            else
            {
                ended.Acknowledged();
            }
        }

        return operations;
    }
}
