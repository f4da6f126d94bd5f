"""The calls of the Python SDKs, one after the other, with a secret in each
prompt; prints a JSON object a line: call, text or error {type, status,
message}. HTTPS_PROXY and SSL_CERT_FILE lead to the gateway."""

import io
import json
import os

import anthropic
import openai

secret = os.environ["E2E_SECRET"]
prompt = f'Line one.\n"Quoted" <tag> & é 漢: {secret}, that is all.'


def call(name, f):
    try:
        print(json.dumps({"call": name, "text": f()}))
    except Exception as e:  # whatever the SDK raises is what we want to see
        error = {"type": type(e).__name__, "status": getattr(e, "status_code", 0) or 0, "message": f"{e} {e.__cause__ or ''}"}
        print(json.dumps({"call": name, "error": error}))


o = openai.OpenAI(api_key="sk-e2e-python", max_retries=0, organization="org-e2e")
chat = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": prompt}],
}
response = {"model": "gpt-4.1", "input": prompt}
call("openai chat", lambda: o.chat.completions.create(**chat).choices[0].message.content)
call("openai chat stream", lambda: "".join(
    e.choices[0].delta.content or "" for e in o.chat.completions.create(stream=True, **chat) if e.choices))
call("openai responses", lambda: o.responses.create(**response).output_text)
call("openai responses stream", lambda: "".join(
    e.delta for e in o.responses.create(stream=True, **response) if e.type == "response.output_text.delta"))
call("openai embeddings", lambda: o.embeddings.create(model="text-embedding-3-small", input=[prompt]).object)
call("openai file", lambda: o.files.create(
    file=("keys.csv", io.BytesIO(f"id,key\n7,{secret}\n".encode())), purpose="user_data").filename)

a = anthropic.Anthropic(api_key="sk-ant-e2e-python", max_retries=0)
message = {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": prompt}]}
call("anthropic messages", lambda: a.messages.create(max_tokens=64, **message).content[0].text)


def streamed():
    with a.messages.stream(max_tokens=64, **message) as s:
        return "".join(s.text_stream)


call("anthropic stream", streamed)
call("anthropic count", lambda: "counted " + type(a.messages.count_tokens(**message).input_tokens).__name__)
