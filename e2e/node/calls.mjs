// The calls of the npm SDKs, one after the other, with a secret in each prompt;
// prints a JSON object a line: call, text or error {type, status, message}.
import { setGlobalDispatcher, ProxyAgent } from 'undici';
import OpenAI, { toFile } from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';

// Node's own fetch, which the SDKs use, heeds no proxy variables; it does heed
// the dispatcher.
const dispatcher = new ProxyAgent(process.env.E2E_PROXY);
setGlobalDispatcher(dispatcher);

const secret = process.env.E2E_SECRET;
const prompt = `Line one.\n"Quoted" <tag> & é 漢 \u2028: ${secret}, that is all.`;

async function call(name, f) {
  try {
    console.log(JSON.stringify({ call: name, text: await f() }));
  } catch (e) {
    console.log(JSON.stringify({
      call: name,
      error: { type: e.constructor.name, status: e.status ?? 0, message: String(e.message) + (e.cause ? ` (${e.cause})` : '') },
    }));
  }
}

const openai = new OpenAI({ apiKey: 'sk-e2e-node', maxRetries: 0, organization: 'org-e2e' });
const chat = { model: 'gpt-4o', messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: [{ type: 'text', text: prompt }] }] };
await call('openai chat', async () => (await openai.chat.completions.create(chat)).choices[0].message.content);
await call('openai chat stream', async () => {
  let text = '';
  for await (const e of await openai.chat.completions.create({ ...chat, stream: true })) text += e.choices[0]?.delta?.content ?? '';
  return text;
});
const response = { model: 'gpt-4.1', input: [{ role: 'user', content: [{ type: 'input_text', text: prompt }] }] };
await call('openai responses', async () => (await openai.responses.create(response)).output_text);
await call('openai responses stream', async () => {
  let text = '';
  for await (const e of await openai.responses.create({ ...response, stream: true })) if (e.type === 'response.output_text.delta') text += e.delta;
  return text;
});
await call('openai embeddings', async () => (await openai.embeddings.create({ model: 'text-embedding-3-small', input: prompt })).object);
await call('openai file', async () => (await openai.files.create({ file: await toFile(Buffer.from(`id,key\n7,${secret}\n`), 'keys.csv'), purpose: 'user_data' })).filename);

const anthropic = new Anthropic({ apiKey: 'sk-ant-e2e-node', maxRetries: 0 });
const message = { model: 'claude-sonnet-4-5', max_tokens: 64, messages: [{ role: 'user', content: prompt }] };
await call('anthropic messages', async () => (await anthropic.messages.create(message)).content[0].text);
await call('anthropic stream', async () => {
  let text = '';
  for await (const e of await anthropic.messages.create({ ...message, stream: true })) text += e.delta?.text ?? '';
  return text;
});
await call('anthropic count', async () => `counted ${typeof (await anthropic.messages.countTokens({ model: message.model, messages: message.messages })).input_tokens}`);

const gemini = new GoogleGenAI({ apiKey: 'e2e-node' });
const content = { model: 'gemini-2.5-flash', contents: prompt };
await call('gemini generate', async () => (await gemini.models.generateContent(content)).text);
await call('gemini stream', async () => {
  let text = '';
  for await (const e of await gemini.models.generateContentStream(content)) text += e.text ?? '';
  return text;
});
await call('gemini count', async () => `counted ${typeof (await gemini.models.countTokens(content)).totalTokens}`);

await dispatcher.close();
