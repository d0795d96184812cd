using Vault.Protocol.Bench;

var report = new Report(Console.Out, args.Contains("--json"), args.FirstOrDefault(arg => !arg.StartsWith('-')));
HashBench.Run(report);
CipherBench.Run(report);
HeadBench.Run(report);
KeyBench.Run(report);
ErasureBench.Run(report);
ManifestBench.Run(report);
