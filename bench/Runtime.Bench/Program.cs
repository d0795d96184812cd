using System.Globalization;
using Vault.Runtime.Bench;

// One JSON line for each figure. `--seconds N` measures longer; `local` or `remote` measures only that. `silo` and
// `echo` are the other process of `remote`.
var seconds = 3.0;
var what = "all";
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--seconds")
    {
        seconds = double.Parse(args[++i], CultureInfo.InvariantCulture);
    }
    else
    {
        what = args[i];
    }
}

switch (what)
{
    case "silo":
        await SiloProcess.RunAsync();
        break;
    case "echo":
        await EchoProcess.RunAsync();
        break;
    default:
        if (what != "remote")
        {
            await LocalBench.RunAsync(seconds);
        }

        if (what != "local")
        {
            await RemoteBench.RunAsync(seconds);
        }

        break;
}
