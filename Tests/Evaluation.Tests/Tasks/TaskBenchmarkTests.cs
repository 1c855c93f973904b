using System.Text;
using CsCheck;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Tasks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Tasks;

public sealed class TaskBenchmarkTests : IDisposable
{
    private const string Choice = """
        task: colours
        dataset_path: json
        dataset_kwargs:
          data_files: { test: test.jsonl, train: train.jsonl }
        test_split: test
        fewshot_split: train
        output_type: multiple_choice
        description: "About colours.\n\n"
        doc_to_text: "Question: {{question}}\nAnswer:"
        doc_to_target: "{{choices.label.index(answerKey)}}"
        doc_to_choice: "{{choices.text}}"
        metric_list:
          - metric: acc
            aggregation: mean
            higher_is_better: true
          - metric: acc_norm
        metadata: { version: 1.0 }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_MultipleChoice_HasDescriptionTextChoicesAndGold()
    {
        _folder.Write("test.jsonl", """{"id": "x", "question": "What is snow?", "choices": {"text": ["white", "black"], "label": ["A", "B"]}, "answerKey": "A"}""");
        var (task, items) = Read(Choice);
        var item = Assert.Single(items);
        Assert.Equal(("x", "About colours.\n\nQuestion: What is snow?\nAnswer:", 0), (item.PublishedId, item.Prompt, item.Gold));
        Assert.Equal([" white", " black"], item.Continuations);
        Assert.True(task.ScoresLikelihoods);
        Assert.Equal("acc", task.PrimaryMetric);
        Assert.Equal(["acc", "acc_bytes", "acc_norm"], task.Score(item, [new ContinuationScore(-3, false), new ContinuationScore(-4, false)]).Metrics.Keys.Order());
        Assert.Equal(1, task.Score(item, [new ContinuationScore(-3, false), new ContinuationScore(-4, false)]).Metrics["acc"]);
    }

    [Fact]
    public void Read_FewShots_AreOthersOfTheFileDrawnBySeedAndContentAlone()
    {
        var lines = Enumerable.Range(0, 12).Select(i => $$"""{"question": "q{{i}}", "choices": {"text": ["yes{{i}}", "no{{i}}"], "label": ["A", "B"]}, "answerKey": "B"}""").ToArray();
        _folder.Write("test.jsonl", string.Join('\n', lines[..4]));
        _folder.Write("train.jsonl", string.Join('\n', lines));
        var yaml = Choice + "\nnum_fewshot: 3\n";
        var (first, items) = Read(yaml, seed: 5);
        foreach (var item in items)
        {
            var own = item.Prompt[(item.Prompt.LastIndexOf("Question: ", StringComparison.Ordinal) + 10)..^8];
            Assert.Matches($"^About colours\\.\n\n(Question: q\\d+\nAnswer: no\\d+\n\n){{3}}Question: {own}\nAnswer:$", item.Prompt);
            Assert.Equal(1, item.Prompt.Split($"Question: {own}\n").Length - 1);
            Assert.Equal(4, item.Prompt.Split("Question: ").Distinct().Count() - 1);
        }

        // Another order of the examples, another place of the item: the same prompts and version by content; another seed: others.
        Assert.Equal(items.Select(item => item.Prompt), Read(yaml, seed: 5).Items.Select(item => item.Prompt));
        Assert.NotEqual(items.Select(item => item.Prompt), Read(yaml, seed: 6).Items.Select(item => item.Prompt));
        Assert.NotEqual(first.Template.Version, Read(yaml, seed: 6).Task.Template.Version);
        _folder.Write("train.jsonl", string.Join('\n', lines.Reverse()));
        Assert.Equal(items.Select(item => item.Prompt), Read(yaml, seed: 5).Items.Select(item => item.Prompt));
    }

    [Fact]
    public void Read_FewShotsOfTheOwnFile_NeedAnotherRecord()
    {
        _folder.Write("test.jsonl", """{"question": "q", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "B"}""");
        _folder.Write("train.jsonl", """{"question": "q", "answerKey": "B", "choices": {"text": ["a", "b"], "label": ["A", "B"]}}""");
        var refused = Assert.Throws<InvalidDataFileException>(() => Read(Choice + "\nnum_fewshot: 1\n"));
        Assert.Contains("line 1: found 0 other records to take examples from, expected at least num_fewshot, 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_GenerateUntil_ComparesWithEveryTarget()
    {
        _folder.Write("data.jsonl", """{"q": "Who?", "answers": ["The Duke", "Duke Ellington"]}""");
        var (task, items) = Read("""
            dataset_kwargs: { data_files: data.jsonl }
            doc_to_text: "{{q}}"
            doc_to_target: "{{answers}}"
            generation_kwargs: { until: ["\n", "."], max_gen_toks: 12, do_sample: false, temperature: 0.0 }
            metric_list: [{ metric: exact_match, ignore_case: true, ignore_punctuation: true }, { metric: f1 }]
            """);
        Assert.Equal((12, "exact_match", false), (task.MaxNewTokens, task.PrimaryMetric, task.ScoresLikelihoods));
        Assert.Equal(["\n", "."], task.Stops);
        Assert.Equal([" The Duke\n", " Duke Ellington\n"], items[0].Continuations);
        Assert.Equal((1.0, 1.0), Scores(" duke ellington!"));
        Assert.Equal((0.0, 0.5), Scores("Duke of York"));
        Assert.Equal((0.0, 0.0), Scores(""));

        (double, double) Scores(string response) => (task.Score(items[0], response).Metrics["exact_match"], task.Score(items[0], response).Metrics["f1"]);
    }

    [Fact]
    public void Read_LogLikelihood_TakesTheTargetAsItIs()
    {
        _folder.Write("data.jsonl", """{"context": "She met him at the old", "word": "mill"}""");
        var (task, items) = Read("""
            dataset_kwargs: { data_files: data.jsonl }
            output_type: loglikelihood
            doc_to_text: context
            doc_to_target: "{{' ' + word}}"
            metric_list: [{ metric: perplexity, aggregation: perplexity, higher_is_better: false }, { metric: acc }]
            """);
        Assert.Equal((" mill", "acc", true), (Assert.Single(items[0].Continuations), task.PrimaryMetric, task.HasGoldPerplexity));
    }

    [Fact]
    public void Read_Rolling_IsAText()
    {
        _folder.Write("data.jsonl", """{"page": "Some text."}""");
        var (task, items) = Read("""
            dataset_kwargs: { data_files: data.jsonl }
            output_type: loglikelihood_rolling
            doc_to_text: "{{page}}"
            doc_to_target: ""
            metric_list: [{ metric: perplexity }]
            """);
        Assert.Equal((true, "Some text."), (task.IsText, items[0].Prompt));
        Assert.Empty(items[0].Continuations);
    }

    /// <summary>What docs/tasks.md shows is what is read.</summary>
    [Fact]
    public void Read_DocumentedExample_IsATask()
    {
        var blocks = File.ReadAllText(Fixtures.Shipped("docs", "tasks.md")).Split("```");
        var yaml = Assert.Single(blocks, block => block.StartsWith("yaml\ntask: colours", StringComparison.Ordinal))["yaml".Length..];
        var json = Assert.Single(blocks, block => block.StartsWith("json\n", StringComparison.Ordinal))["json".Length..].Trim();
        _folder.Write("colours-test.jsonl", json);
        _folder.Write("colours-train.jsonl", string.Join('\n', Enumerable.Range(0, 3).Select(i => json.Replace("snow", $"ink {i}", StringComparison.Ordinal))));
        var item = Assert.Single(Read(yaml).Items);
        Assert.Equal([" white", " black"], item.Continuations);
        Assert.Equal(2, item.Prompt.Split(" ink ").Length - 1);
    }

    [Theory]
    [InlineData("doc_to_text: !function utils.text", "line 1: found the tag !function, expected a plain value: code (!function) is not run here")]
    [InlineData("include: base.yaml", "task.include: found the field 'include', expected task, output_type")]
    [InlineData("process_docs: x", "task.process_docs: found the field 'process_docs'")]
    [InlineData("filter_list: []", "task.filter_list: found the field 'filter_list'")]
    [InlineData("repeats: 4", "task.repeats: found the field 'repeats'")]
    [InlineData("output_type: generate", "task.output_type: found 'generate', expected one of generate_until, loglikelihood")]
    [InlineData("dataset_path: piqa", "task.dataset_path: found 'piqa', expected json or parquet, with your own files in dataset_kwargs.data_files: nothing is fetched")]
    [InlineData("doc_to_text: a\ndoc_to_text: b", "line 2: found field 'doc_to_text' a second time")]
    [InlineData("doc_to_text: &a x\ndescription: *a", "line 1: found an anchor or alias")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\nnum_fewshot: 1000", "task.num_fewshot: found 1000, expected a whole number from 0 to 64")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl, data_dir: x }", "task.dataset_kwargs.data_dir: found the field 'data_dir', expected data_files")]
    [InlineData("dataset_kwargs: { data_files: { test: d.jsonl } }\ntest_split: dev", "task.test_split: found 'dev', expected one of data_files: test")]
    [InlineData("dataset_kwargs: { data_files: { test: d.jsonl } }", "task.test_split: found nothing, expected the split of the items, one of data_files: test")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\ngeneration_kwargs: { do_sample: true }", "task.generation_kwargs.do_sample: found True, expected until")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\ngeneration_kwargs: { temperature: 0.7 }", "task.generation_kwargs.temperature: found 0.7, expected until")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\nmetric_list: [{ metric: bleu }]", "task.metric_list[0].metric: found 'bleu', expected one of exact_match, f1 for this output_type")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\nmetric_list: [{ metric: exact_match, regexes_to_ignore: [x] }]", "task.metric_list[0].regexes_to_ignore: found the field")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\noutput_type: multiple_choice\nmetric_list: [{ metric: acc, aggregation: median }]", "task.metric_list[0].aggregation: found 'median', expected mean")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\noutput_type: multiple_choice\ndoc_to_text: a\ndoc_to_target: b\ndoc_to_choice: [x]", "task.doc_to_choice: found a list of 1")]
    [InlineData("dataset_kwargs: { data_files: d.jsonl }\ndoc_to_text: \"{% x %}\"", "task.doc_to_text: found '{%'")]
    [InlineData("- a", "task: found array, expected object")]
    [InlineData("", "file: found nothing, expected a task's fields")]
    [InlineData("a: [", "found no valid YAML")]
    public void Read_WhatIsNotOfTheSubset_IsOneErrorThatNamesThePlace(string yaml, string message)
    {
        var path = _folder.Write("task.yaml", yaml);
        var refused = Assert.Throws<InvalidDataFileException>(() => TaskDefinition.Read(path));
        Assert.StartsWith($"{path}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BrokenTaskFiles_AreReadOrRefused()
    {
        var whole = Encoding.UTF8.GetBytes(Choice);
        var next = 0;
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte.Array[1, 4], Gen.Bool).Sample((at, bytes, cut) =>
        {
            var path = _folder.Write($"{Interlocked.Increment(ref next)}.yaml", cut ? whole[..at] : [.. whole[..at], .. bytes, .. whole[Math.Min(whole.Length, at + bytes.Length)..]]);
            try
            {
                Assert.NotEmpty(TaskDefinition.Read(path).Metrics);
            }
            catch (InvalidDataFileException refused)
            {
                Assert.StartsWith($"{path}: ", refused.Message, StringComparison.Ordinal);
            }
        }, iter: 300);
    }

    private (TaskBenchmark Task, IReadOnlyList<EvaluationItem> Items) Read(string yaml, long seed = 0)
    {
        var definition = TaskDefinition.Read(_folder.Write("task.yaml", yaml));
        var task = new TaskBenchmark(definition, definition.FewShotFile is { } file ? Path.Combine(_folder.Path, file) : null, seed);
        return (task, task.Read(Path.Combine(_folder.Path, definition.DataFile)));
    }
}
