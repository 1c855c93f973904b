// The other half of the vectors: what Hugging Face's tokenizers gives for texts.json (native build 0.6.0 of the npm package @anush008/tokenizers made what is here).
import { Tokenizer } from '@anush008/tokenizers';
import fs from 'fs';
import os from 'os';
import path from 'path';

const here = import.meta.dirname;
const texts = JSON.parse(fs.readFileSync(path.join(here, 'texts.json')));
const mini = JSON.parse(fs.readFileSync(path.join(here, '../../../../models/mamba-mini/tokenizer.json')));
const llama = JSON.parse(fs.readFileSync(path.join(here, 'small-llama.json')));
const chains = JSON.parse(fs.readFileSync(path.join(here, 'chains.json')));

async function ids(json) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'vectors-')), 'tokenizer.json');
  fs.writeFileSync(file, JSON.stringify(json));
  const tokenizer = Tokenizer.fromFile(file);
  const all = [];
  for (const text of texts) all.push((await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds());
  return all;
}

for (const [name, chain] of Object.entries(chains))
  fs.writeFileSync(path.join(here, `${name}.ids.json`), JSON.stringify(await ids({ ...(chain.model === 'llama' ? llama : mini), ...chain.change })));
