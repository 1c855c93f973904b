namespace Sweep.Cli.Data;

/// <summary>
/// The sources that are known. Checksums are those that several independent publications state for the file of that address, for TriviaQA TensorFlow Datasets (a mirror's archive has another
/// sum and other members), for IFEval that of the published file itself; the others are recorded when they are first pulled.
/// </summary>
internal static class DataCatalog
{
    private const long MiB = 1L << 20;

    public static IReadOnlyList<DataSource> All { get; } =
    [
        new("squad", "squad", "CC BY-SA 4.0",
            new PublishedFile("dev-v1.1.json", "https://rajpurkar.github.io/SQuAD-explorer/dataset/dev-v1.1.json", 8 * MiB) { Sha256 = "95aa6a52d5d6a735563366753ca50492a658031da74f301ac5238b03966972c9" },
            new PublishedFile("dev-v2.0.json", "https://rajpurkar.github.io/SQuAD-explorer/dataset/dev-v2.0.json", 8 * MiB) { Sha256 = "80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8" }),
        new("triviaqa", "triviaqa", "see its home",
            new PublishedFile("unfiltered-web-dev.json", "https://nlp.cs.washington.edu/triviaqa/data/triviaqa-unfiltered.tar.gz", 1024 * MiB)
            {
                Sha256 = "7f0c94207fd0a1eb7bba3d52cdfe0735c98de850b9e5aa4e75f2776ef9a531d0",
                Member = "triviaqa-unfiltered/unfiltered-web-dev.json",
            }),
        new("drop", "drop", "CC BY-SA 4.0",
            new PublishedFile("drop_dataset_dev.json", "https://s3-us-west-2.amazonaws.com/allennlp/datasets/drop/drop_dataset.zip", 32 * MiB)
            {
                Sha256 = "39d2278a29fd729de301b111a45f434c24834f40df8f4ff116d864589e3249d6",
                Member = "drop_dataset/drop_dataset_dev.json",
            }),
        new("musique", "musique", "CC BY 4.0",
            new PublishedFile("musique_ans_v1.0_dev.jsonl", "https://drive.usercontent.google.com/download?id=1tGdADlNjWFaHLeZZGShh2IRcpO6Lv24h&export=download&confirm=t", 1024 * MiB)
            {
                Member = "data/musique_ans_v1.0_dev.jsonl",
            }),
        new("ifeval", "ifeval", "Apache-2.0",
            new PublishedFile("input_data.jsonl", "https://raw.githubusercontent.com/google-research/google-research/master/instruction_following_eval/data/input_data.jsonl", 2 * MiB)
            {
                Sha256 = "67ffeee0fcb87c317c5b08a2de85557b4a7e96ada6178aa645b4954fe4b53d49",
            }),
        new("wikitext-2", "text, corpus", "CC BY-SA 3.0",
            new PublishedFile("wikitext-2-raw-test.parquet", "https://huggingface.co/datasets/Salesforce/wikitext/resolve/main/wikitext-2-raw-v1/test-00000-of-00001.parquet", 8 * MiB)
            {
                Sha256 = "5f1bea067869d04849c0f975a2b29c4ff47d867f484f5010ea5e861eab246d91",
            }),
        new("arc", "arc", "CC BY-SA 4.0",
            new PublishedFile("arc-challenge-test.parquet", "https://huggingface.co/datasets/allenai/ai2_arc/resolve/main/ARC-Challenge/test-00000-of-00001.parquet", 8 * MiB),
            new PublishedFile("arc-easy-test.parquet", "https://huggingface.co/datasets/allenai/ai2_arc/resolve/main/ARC-Easy/test-00000-of-00001.parquet", 8 * MiB)),
        new("piqa", "piqa", "AFL-3.0",
            new PublishedFile("dev.jsonl", "https://storage.googleapis.com/ai2-mosaic/public/physicaliqa/physicaliqa-train-dev.zip", 16 * MiB)
            {
                Sha256 = "54d32a04f59a7e354396f321723c8d7ec35cc6b08506563d8d1ffcc15ce98ddd",
                Member = "physicaliqa-train-dev/dev.jsonl",
                Labels = "physicaliqa-train-dev/dev-labels.lst",
            }),
        new("hellaswag", "hellaswag", "MIT",
            new PublishedFile("hellaswag_val.jsonl", "https://raw.githubusercontent.com/rowanz/hellaswag/master/data/hellaswag_val.jsonl", 32 * MiB)
            {
                Sha256 = "0aa3b88843990f3f10a97b9575c94d7b71fb2205240ba04ae4884d9e9c992588",
            }),
        new("lambada", "lambada", "MIT",
            new PublishedFile("lambada_test.jsonl", "https://openaipublic.blob.core.windows.net/gpt-2/data/lambada_test.jsonl", 4 * MiB)
            {
                Sha256 = "4aa8d02cd17c719165fc8a7887fddd641f43fcafa4b1c806ca8abc31fabdb226",
            }),
    ];
}
