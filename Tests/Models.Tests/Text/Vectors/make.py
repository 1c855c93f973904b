"""Makes small.model, small-llama.json and texts.json of this folder, and the SentencePiece half of the vectors.

Run with the sentencepiece package (0.1.97 made what is here), then make.mjs for the other half:
    python3 make.py && node make.mjs
"""
import json, os, random, sentencepiece

here = os.path.dirname(os.path.abspath(__file__))
shipped = os.path.join(here, "../../../../benchmarks/mini/text.jsonl")
lines = [json.loads(line)["text"] for line in open(shipped)]
model = os.path.join(here, "small")
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(lines + ["a  b   c     d", "!!!! ?? ...", "été Übung größer"]), model_prefix=model, model_type="bpe", vocab_size=640,
    byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True,
    control_symbols=["[INST]", "[/INST]"], user_defined_symbols=["<sep>"], self_test_sample_size=0)
os.remove(model + ".vocab")

texts = [
    "", " ", "  ", "\n", "\n\n", "\t \n", "Hello", " Hello", "  Hello", "Hello world", "Hello, world!", "the end.  The end.\n\n\n", " " * 40, "x" * 40, "!!!!!!", "------====",
    "don't I'LL we'Ve it'ſ", "3 33 333 3333 33333", "1,234.5 x² ½ Ⅷ ٣", "Äpfel und Öl", "A\u030apfel e\u0301", "한국어 텍스트", "日本語のテキスト", "Кириллица ёж", "עברית العربية",
    "🦙🚀 👩‍🚀", "𝐀𝟏𠀀", "\u00a0x\u2003y\u3000z", "a\u0085b\u2028c", "\u0000\u0003\u007f", "tab\tsep\rcr\r\n", "<s>[INST] not a token [/INST]</s>", "<0x41> <unk>", "a<sep>b <sep> c",
    "<|endoftext|> text", "\u2581 \u2581\u2581x", "snake_case camelCase $100 a+b=c <tag/> `code`", "https://example.org/a?b=c#d", "end with space ", "…—“quoted”«»¿",
]
draw = random.Random(20)
pool = "abcXYZ 019  \n\t'.,!\u2581é한国ßſ½²\u0301\u00a0🦙𝐀<>[]_|-$"
texts += ["".join(draw.choice(pool) for _ in range(draw.randrange(1, 60))) for _ in range(60)]
json.dump(texts, open(os.path.join(here, "texts.json"), "w"), indent=0)

processor = sentencepiece.SentencePieceProcessor(model_file=model + ".model")
json.dump([processor.encode(text) for text in texts], open(os.path.join(here, "small.ids.json"), "w"))

# The same vocabulary as LLaMA's tokenizer.json has it: every way to put a piece together from two is a merge, in the order of the pieces.
pieces = [processor.id_to_piece(index) for index in range(processor.get_piece_size())]
vocabulary = {piece: index for index, piece in enumerate(pieces)}
merges = []
for index, piece in enumerate(pieces):
    if processor.is_control(index) or processor.is_unknown(index) or processor.is_byte(index) or piece == "<sep>":
        continue
    pairs = [(piece[:at], piece[at:]) for at in range(1, len(piece)) if piece[:at] in vocabulary and piece[at:] in vocabulary]
    merges += [list(pair) for pair in sorted(pairs, key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))]
special = [{"id": index, "content": piece, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
           for index, piece in enumerate(pieces) if processor.is_control(index) or processor.is_unknown(index)]
json.dump({
    "version": "1.0", "added_tokens": special,
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
    "pre_tokenizer": None,
    "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                       "special_tokens": {"<s>": {"id": "<s>", "ids": [vocabulary["<s>"]], "tokens": ["<s>"]}}},
    "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                                                 {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True,
              "vocab": vocabulary, "merges": merges},
}, open(os.path.join(here, "small-llama.json"), "w"), ensure_ascii=True)
