// Torch's thread count and its count of live tensors belong to the process: tests that set or read them must run alone.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
