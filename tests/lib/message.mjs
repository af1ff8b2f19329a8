// Requests for the Messages API, with markers that tell the simulator what to do.
//
//   messageRequest({ key, script: { deltas: 40, cut_events: 12, nonce: "n1" }, stream: true })
//
// is the bytes of a whole request. A script is an object, or the text between "[[sim:" and "]]".

export function marker(script) {
  const text =
    typeof script === "string"
      ? script
      : Object.entries(script)
          .map(([name, value]) => `${name}=${value === true ? 1 : value === false ? 0 : value}`)
          .join(", ");
  return `[[sim: ${text}]]`;
}

// The body, as an object. `more`: other members, in the order in which they are to come.
export function messageBody({
  script = "",
  stream = false,
  text = "Say something.",
  model = "claude-sonnet-5",
  more = {},
} = {}) {
  const prompt = script === "" ? text : `${text} ${marker(script)}`;
  return {
    model,
    max_tokens: 1024,
    ...(stream ? { stream: true } : {}),
    ...more,
    messages: [{ role: "user", content: prompt }],
  };
}

// A request as bytes. `headers`: [[name, value], ...] behind host and the credential. `body`: bytes
// or text; its content-length is added unless `headers` say how it is framed.
export function request({
  method = "GET",
  path = "/",
  key,
  headers = [],
  body,
  host = "relay.test",
}) {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const isFramed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
  if (key !== undefined) lines.push(`x-api-key: ${key}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (bytes !== undefined && !isFramed) lines.push(`content-length: ${bytes.length}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return bytes === undefined ? head : Buffer.concat([head, bytes]);
}

export function messageRequest({ key, path = "/v1/messages", headers = [], ...content }) {
  return request({
    method: "POST",
    path,
    key,
    headers: [
      ["content-type", "application/json"],
      ["anthropic-version", "2023-06-01"],
      ...headers,
    ],
    body: JSON.stringify(messageBody(content)),
  });
}

// `body` in chunks of `size` bytes, last chunk included.
export function chunked(body, size = Infinity) {
  const bytes = Buffer.from(body);
  const parts = [];
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, Math.min(at + size, bytes.length));
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}
