// Requests that are odd and right: each must be served, also when its bytes come one at a time.
// `{KEY}` becomes a valid key, `{HOST}` the relay's address. `wants` is a status or a list of statuses of
// the answers, in order.

const body = '{"model":"claude-opus-5-5","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}';
const auth = 'x-api-key: {KEY}\r\n';
const host = 'Host: {HOST}\r\n';
const json = 'Content-Type: application/json\r\n';
const length = `Content-Length: ${body.length}\r\n`;
const hex = body.length.toString(16);
const te = 'Transfer-Encoding: chunked\r\n';

export const cases = [];

function odd(name, bytes, wants = 200) {
  cases.push({ name, bytes, wants: Array.isArray(wants) ? wants : [wants] });
}
const post = (fields, after = body, line = 'POST /v1/messages HTTP/1.1') =>
  `${line}\r\n${host}${auth}${json}${fields}\r\n${after}`;
const get = (line, fields = host + auth) => `${line}\r\n${fields}\r\n`;

odd('a leading CRLF', `\r\n${get('GET /v1/models HTTP/1.1')}`);
odd('HTTP/1.0 with Host', post(length, body, 'POST /v1/messages HTTP/1.0'));
odd('HTTP/1.0 without Host', `POST /v1/messages HTTP/1.0\r\n${auth}${json}${length}\r\n${body}`);
odd('HTTP/1.0 with keep-alive', post(`Connection: keep-alive\r\n${length}`, body, 'POST /v1/messages HTTP/1.0'));
odd('absolute-form that agrees with Host', get('GET http://{HOST}/v1/models HTTP/1.1'));
odd('an IPv6 Host', get('GET /v1/models HTTP/1.1', `Host: [::1]:8000\r\n${auth}`));
odd('a Host without port', get('GET /v1/models HTTP/1.1', `Host: relay.example\r\n${auth}`));
odd('every character a name may have', get('GET /v1/models HTTP/1.1', `${host}${auth}X!#$%&'*+-.^\`|~9z: 1\r\n`));
odd('bytes beyond ASCII in a value', get('GET /v1/models HTTP/1.1', `${host}${auth}X-A: caf\xe9 \xff\r\n`));
odd('no space behind the colon', get('GET /v1/models HTTP/1.1', 'Host:{HOST}\r\nx-api-key:{KEY}\r\n'));
odd('spaces and tabs around values', get('GET /v1/models HTTP/1.1', 'Host: \t {HOST}\t \r\nx-api-key:\t{KEY} \t\r\n'));
odd('an empty value', get('GET /v1/models HTTP/1.1', `${host}${auth}X-A:\r\nX-B: \r\n`));
odd('a value of one tab between words', get('GET /v1/models HTTP/1.1', `${host}${auth}X-A: a\tb\r\n`));
odd('names in odd cases', `POST /v1/messages HTTP/1.1\r\nhOST: {HOST}\r\nX-API-KEY: {KEY}\r\ncontent-TYPE: application/json\r\ncOnTeNt-LeNgTh: ${body.length}\r\n\r\n${body}`);
odd('chunked', post(te, `${hex}\r\n${body}\r\n0\r\n\r\n`));
odd('chunked in capitals', post('Transfer-Encoding: CHUNKED\r\n', `${hex.toUpperCase()}\r\n${body}\r\n0\r\n\r\n`));
odd('chunks of one byte', post(te, `${[...body].map((c) => `1\r\n${c}\r\n`).join('')}0\r\n\r\n`));
odd('chunks with extensions', post(te, `${hex};a=b;c="d e";f\r\n${body}\r\n0;last\r\n\r\n`));
odd('chunks with trailers', post(te, `${hex}\r\n${body}\r\n0\r\nX-Trailer: 1\r\nX-Other:\r\n\r\n`));
odd('a size with leading zeros', post(te, `00${hex}\r\n${body}\r\n000\r\n\r\n`));
odd('Expect with the body already there', post(`Expect: 100-continue\r\n${length}`), [100, 200]);
odd('Expect in capitals', post(`Expect: 100-CONTINUE\r\n${length}`), [100, 200]);
odd('a Content-Length with leading zeros', post(`Content-Length: 000${body.length}\r\n`));
odd('Content-Length 0 on GET', get('GET /v1/models HTTP/1.1', `${host}${auth}Content-Length: 0\r\n`));
odd('a request line of 7.9 kB', get(`GET /v1/models?${'a'.repeat(7900)} HTTP/1.1`));
odd('92 fields', get('GET /v1/models HTTP/1.1', host + auth + 'X-A: 1\r\n'.repeat(90)));
odd('three requests in one packet', get('GET /v1/models HTTP/1.1') + post(length) + get('GET /v1/models HTTP/1.1'), [200, 200, 200]);
odd('a blank line between two requests', `${post(length)}\r\n${get('GET /v1/models HTTP/1.1')}`, [200, 200]);
odd('OPTIONS *', get('OPTIONS * HTTP/1.1'), [200, 204, 404, 405]);
odd('HEAD', get('HEAD /v1/models HTTP/1.1'), 405);  // As the simulator has it.
odd('HEAD /api/hello without a key', get('HEAD /api/hello HTTP/1.1', host));
odd('an empty query', get('GET /v1/models? HTTP/1.1'));
odd('a query with odd characters', get("GET /v1/models?a=%2F&b=+&c&=&d=%e4%bd%a0!$'()*,;:@/? HTTP/1.1"));
odd('a Bearer token', get('GET /v1/models HTTP/1.1', `${host}Authorization: Bearer {KEY}\r\n`));
odd('a Bearer token in lower case', get('GET /v1/models HTTP/1.1', `${host}authorization: bearer {KEY}\r\n`));
odd('the same key in both fields', get('GET /v1/models HTTP/1.1', `${host}${auth}Authorization: Bearer {KEY}\r\n`));
odd('a token that is no key beside a key', get('GET /v1/models HTTP/1.1', `${host}${auth}Authorization: Bearer other\r\n`));
odd('Connection with odd options', get('GET /v1/models HTTP/1.1', `${host}${auth}Connection: keep-alive, X-A, ,\r\nX-A: 1\r\n`));
odd('Upgrade is not taken up', get('GET /v1/models HTTP/1.1', `${host}${auth}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n`));
odd('blanks around the JSON', (() => {
  const text = ` \r\n\t${body}\r\n `;
  return post(`Content-Length: ${text.length}\r\n`, text);
})());
odd('members in another order', (() => {
  const text = '{"messages":[{"role":"user","content":"hi"}],"max_tokens":8,"stream":false,"model":"claude-opus-5-5"}';
  return post(`Content-Length: ${text.length}\r\n`, text);
})());
