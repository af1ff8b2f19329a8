// Requests that must not be served: each is one thing that two parsers could read in two ways, or
// that no client of ours sends. `want` is the status, or a list of them; 0 stands for a connection that
// is closed without an answer. Nothing of any of them may reach the upstream.
//
// `{KEY}` becomes a valid key, `{HOST}` the relay's address: all else about the request is right.

const body = '{"model":"claude-opus-5-5","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}';
const auth = 'x-api-key: {KEY}\r\n';
const host = 'Host: {HOST}\r\n';
const length = `Content-Length: ${body.length}\r\n`;
const json = 'Content-Type: application/json\r\n';

export const cases = [];

function bad(category, name, bytes, want = 400) {
  cases.push({ name: `${category}: ${name}`, bytes, want: Array.isArray(want) ? want : [want] });
}

// A POST with `fields` in place of its framing, and whatever is to follow the head.
function post(fields, after = body, line = 'POST /v1/messages HTTP/1.1') {
  return `${line}\r\n${host}${auth}${json}${fields}\r\n${after}`;
}
function get(line, fields = host + auth) {
  return `${line}\r\n${fields}\r\n`;
}

// --- the request line
const lines = {
  'no version': ['GET /v1/models', 400],
  'HTTP/0.9': ['GET /v1/models HTTP/0.9', [400, 505]],
  'HTTP/1.2': ['GET /v1/models HTTP/1.2', [400, 505]],
  'HTTP/2.0': ['GET /v1/models HTTP/2.0', [400, 505]],
  'HTTP/1.10': ['GET /v1/models HTTP/1.10', [400, 505]],
  'HTTP/01.1': ['GET /v1/models HTTP/01.1', [400, 505]],
  'HTTP/1.1 with a sign': ['GET /v1/models HTTP/+1.1', [400, 505]],
  'lower-case http': ['GET /v1/models http/1.1', [400, 505]],
  'another protocol': ['GET /v1/models ICY/1.1', [400, 505]],
  'no target': ['GET  HTTP/1.1', 400],
  'two spaces after the method': ['GET  /v1/models HTTP/1.1', 400],
  'two spaces after the target': ['GET /v1/models  HTTP/1.1', 400],
  'tab after the method': ['GET\t/v1/models HTTP/1.1', [400, 501]],
  'tab after the target': ['GET /v1/models\tHTTP/1.1', 400],
  'space before the method': [' GET /v1/models HTTP/1.1', 400],
  'space after the version': ['GET /v1/models HTTP/1.1 ', [400, 505]],
  'four parts': ['GET /v1/models x HTTP/1.1', 400],
  'space in the target': ['GET /v1/mod els HTTP/1.1', 400],
  'unknown method': ['BREW /v1/models HTTP/1.1', [405, 501]],
  'lower-case method': ['get /v1/models HTTP/1.1', [400, 405, 501]],
  'method with a control byte': ['GE\x01T /v1/models HTTP/1.1', 400],
  'method that is no token': ['GE(T /v1/models HTTP/1.1', 400],
  'empty method': [' /v1/models HTTP/1.1', 400],
  'CONNECT': ['CONNECT api.anthropic.com:443 HTTP/1.1', [400, 405, 501]],
  'TRACE': ['TRACE /v1/models HTTP/1.1', [405, 501]],
};
for (const [name, [line, want]] of Object.entries(lines)) bad('request line', name, get(line), want);
for (const code of [0, 1, 8, 11, 12, 27, 127]) {
  const c = String.fromCharCode(code);
  bad('request line', `byte ${code} in the target`, get(`GET /v1/mo${c}dels HTTP/1.1`));
  bad('request line', `byte ${code} in the version`, get(`GET /v1/models HTTP/1${c}.1`), [400, 505]);
}
bad('request line', 'bare LF ends it', `GET /v1/models HTTP/1.1\n${host}${auth}\r\n`);
bad('request line', 'bare CR in it', get('GET /v1/models\r HTTP/1.1'));
bad('request line', 'LF then CR', `GET /v1/models HTTP/1.1\n\r${host}${auth}\r\n`);
bad('request line', 'two leading blank lines', `\r\n\r\nGET /v1/models HTTP/1.1\r\n${host}${auth}\r\n`);
bad('request line', 'a leading LF', `\nGET /v1/models HTTP/1.1\r\n${host}${auth}\r\n`);
bad('request line', 'too long', get(`GET /v1/models?${'a'.repeat(9000)} HTTP/1.1`), [414]);
bad('request line', 'endless', `GET /${'a'.repeat(40000)}`, [414]);

// --- the target
const targets = {
  'relative': 'v1/models',
  'authority-form': 'api.anthropic.com:443',
  'absolute with another authority': 'http://example.com/v1/models',
  'absolute with userinfo': 'http://user@{HOST}/v1/models',
  'absolute with another scheme': 'ftp://{HOST}/v1/models',
  'file scheme': 'file:///etc/passwd',
  'absolute without authority': 'http:///v1/models',
  'asterisk on GET': '*',
  'fragment': '/v1/models#top',
  'backslash': '/v1\\models',
  'raw non-ASCII': '/v1/mod\xe9ls',
  'percent without digits': '/v1/models?a=%',
  'percent with one digit': '/v1/models?a=%4',
  'percent with a wrong digit': '/v1/models/%zz',
  'double slash in front': '//v1/models',
  'empty segment': '/v1//models',
  'dot segment': '/v1/./models',
  'dot dot segment': '/v1/../v1/models',
  'dot dot at the end': '/v1/models/..',
  'dot at the end': '/v1/models/.',
  'encoded dot dot': '/v1/%2e%2e/v1/models',
  'half encoded dot dot': '/v1/.%2E/v1/models',
  'encoded dot': '/v1/%2e/models',
  'encoded NUL': '/v1/models%00',
  'encoded CR LF': '/v1/models%0d%0aX-Evil:%201',
  'encoded LF': '/v1/%0amodels',
  'encoded backslash': '/v1%5cmodels',
  'encoded DEL': '/v1/models%7f',
  'admin in capitals': '/ADMIN/api-keys',
  'admin half encoded': '/%61dmin/api-keys',
  'admin with an encoded slash': '/admin%2fapi-keys',
  'usage in capitals': '/API/usage',
  'metrics encoded': '/%6detrics',
  'health in capitals': '/Health',
  'console encoded': '/c%6fnsole/',
  'up into admin': '/v1/../admin/api-keys',
};
for (const [name, target] of Object.entries(targets)) bad('target', name, get(`GET ${target} HTTP/1.1`));

// --- header fields
const fields = {
  'space before the colon': 'X-A : 1\r\n',
  'tab before the colon': 'X-A\t: 1\r\n',
  'space in the name': 'X A: 1\r\n',
  'no name': ': 1\r\n',
  'no colon': 'X-A\r\n',
  'folded with a space': 'X-A: 1\r\n 2\r\n',
  'folded with a tab': 'X-A: 1\r\n\t2\r\n',
  'first line folded': ' X-A: 1\r\n',
  'bare LF': 'X-A: 1\nX-B: 2\r\n',
  'bare CR': 'X-A: 1\rX-B: 2\r\n',
  'NUL in the value': 'X-A: 1\x002\r\n',
  'control byte in the value': 'X-A: 1\x012\r\n',
  'DEL in the value': 'X-A: 1\x7f2\r\n',
  'vertical tab in the value': 'X-A: 1\x0b2\r\n',
  'NUL in the name': 'X\x00A: 1\r\n',
  'non-ASCII in the name': 'X-\xe9: 1\r\n',
  'slash in the name': 'X/A: 1\r\n',
  'parenthesis in the name': 'X(A): 1\r\n',
  'quote in the name': 'X"A": 1\r\n',
  'at in the name': 'X@A: 1\r\n',
  'comma in the name': 'X,A: 1\r\n',
  'equals in the name': 'X=A: 1\r\n',
  'brace in the name': 'X{A}: 1\r\n',
};
for (const [name, field] of Object.entries(fields)) {
  bad('field', name, get('GET /v1/models HTTP/1.1', host + auth + field));
  bad('field', `${name}, on a POST`, post(field + length));
}
bad('field', 'a head of 40 kB', get('GET /v1/models HTTP/1.1', `${host}${auth}X-A: ${'a'.repeat(40000)}\r\n`), [431]);
bad('field', '101 fields', get('GET /v1/models HTTP/1.1', host + auth + 'X-A: 1\r\n'.repeat(101)), [431]);
bad('field', 'blank line is LF', `GET /v1/models HTTP/1.1\r\n${host}${auth}\n`);
bad('field', 'blank line is CR', `GET /v1/models HTTP/1.1\r\n${host}${auth}\rX: 1\r\n\r\n`);

// --- Host
const hosts = {
  'missing': '',
  'twice': host + host,
  'twice, different': host + 'Host: example.com\r\n',
  'empty': 'Host:\r\n',
  'with a path': 'Host: {HOST}/x\r\n',
  'with userinfo': 'Host: a@{HOST}\r\n',
  'with a space': 'Host: a b\r\n',
  'with a bad port': 'Host: localhost:80x\r\n',
  'with a port too large': 'Host: localhost:99999\r\n',
  'with two ports': 'Host: localhost:80:80\r\n',
  'with an open bracket': 'Host: [::1\r\n',
  'with a query': 'Host: localhost?x\r\n',
  'a list': 'Host: a.example, b.example\r\n',
};
for (const [name, value] of Object.entries(hosts)) bad('host', name, get('GET /v1/models HTTP/1.1', value + auth));

// --- Content-Length
const lengths = {
  'negative': 'Content-Length: -1\r\n',
  'with a plus': `Content-Length: +${body.length}\r\n`,
  'with a space inside': 'Content-Length: 8 6\r\n',
  'hexadecimal': 'Content-Length: 0x56\r\n',
  'a fraction': 'Content-Length: 86.0\r\n',
  'empty': 'Content-Length:\r\n',
  'a word': 'Content-Length: many\r\n',
  'a list': `Content-Length: ${body.length}, ${body.length}\r\n`,
  'a list that differs': `Content-Length: ${body.length}, 0\r\n`,
  'twice': length + length,
  'twice, different': length + 'Content-Length: 0\r\n',
  'twice, one empty': length + 'Content-Length: \r\n',
  'quoted': `Content-Length: "${body.length}"\r\n`,
  'in Arabic digits': 'Content-Length: \xd9\xa8\xd9\xa6\r\n',
  'with a semicolon': `Content-Length: ${body.length};\r\n`,
  'with a tab inside': 'Content-Length: 8\t6\r\n',
};
for (const [name, value] of Object.entries(lengths)) bad('content-length', name, post(value));
bad('content-length', 'beyond 64 bits', post('Content-Length: 18446744073709551616\r\n', ''), [400, 413]);
bad('content-length', 'of a hundred digits', post(`Content-Length: ${'9'.repeat(100)}\r\n`, ''), [400, 413]);
bad('content-length', 'beyond the limit of the path', post('Content-Length: 34603009\r\n', ''), [413]);
bad('content-length', 'on GET', get('GET /v1/models HTTP/1.1', `${host}${auth}Content-Length: 3\r\n`) + 'abc');
bad('content-length', 'on HEAD', get('HEAD /v1/models HTTP/1.1', `${host}${auth}Content-Length: 3\r\n`) + 'abc');
bad('content-length', 'on OPTIONS', get('OPTIONS * HTTP/1.1', `${host}${auth}Content-Length: 3\r\n`) + 'abc');

// --- Transfer-Encoding
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const smuggled = '0\r\n\r\nGET /v1/models?smuggled=1 HTTP/1.1\r\nHost: x\r\n\r\n';
const codings = {
  'with Content-Length after it': 'Transfer-Encoding: chunked\r\n' + length,
  'with Content-Length before it': length + 'Transfer-Encoding: chunked\r\n',
  'with Content-Length 0': 'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n',
  'identity': 'Transfer-Encoding: identity\r\n',
  'gzip': 'Transfer-Encoding: gzip\r\n',
  'gzip, chunked': 'Transfer-Encoding: gzip, chunked\r\n',
  'chunked, gzip': 'Transfer-Encoding: chunked, gzip\r\n',
  'chunked twice in a list': 'Transfer-Encoding: chunked, chunked\r\n',
  'chunked in two fields': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
  'chunked and identity in two fields': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
  'a near miss': 'Transfer-Encoding: xchunked\r\n',
  'a near miss at the end': 'Transfer-Encoding: chunkedx\r\n',
  'with a parameter': 'Transfer-Encoding: chunked;q=1\r\n',
  'quoted': 'Transfer-Encoding: "chunked"\r\n',
  'empty': 'Transfer-Encoding:\r\n',
  'a comma in front': 'Transfer-Encoding: ,chunked\r\n',
  'a comma behind': 'Transfer-Encoding: chunked,\r\n',
  'with a vertical tab': 'Transfer-Encoding: \x0bchunked\r\n',
  'with a space before the colon': 'Transfer-Encoding : chunked\r\n',
  'folded': 'Transfer-Encoding:\r\n chunked\r\n',
  'behind a bare LF': 'X: y\nTransfer-Encoding: chunked\r\n',
};
for (const [name, value] of Object.entries(codings)) {
  bad('transfer-encoding', name, post(value, chunked), [400, 501]);
  bad('transfer-encoding', `${name}, smuggling`, post(value, smuggled), [400, 501]);
}
bad('transfer-encoding', 'chunked in HTTP/1.0', post('Transfer-Encoding: chunked\r\n', chunked, 'POST /v1/messages HTTP/1.0'));
bad('transfer-encoding', 'chunked on GET', get('GET /v1/models HTTP/1.1', `${host}${auth}Transfer-Encoding: chunked\r\n`) + '0\r\n\r\n');

// --- chunks
const hex = body.length.toString(16);
const te = 'Transfer-Encoding: chunked\r\n';
const chunks = {
  'size with a sign': `+${hex}\r\n${body}\r\n0\r\n\r\n`,
  'negative size': `-${hex}\r\n${body}\r\n0\r\n\r\n`,
  'size with a prefix': `0x${hex}\r\n${body}\r\n0\r\n\r\n`,
  'size with a space before it': ` ${hex}\r\n${body}\r\n0\r\n\r\n`,
  'size with a space behind it': `${hex} \r\n${body}\r\n0\r\n\r\n`,
  'no size': `\r\n${body}\r\n0\r\n\r\n`,
  'size that is no number': `zz\r\n${body}\r\n0\r\n\r\n`,
  'size with an underscore': `5_6\r\n${body}\r\n0\r\n\r\n`,
  'size of seventeen digits': `000000000000000${hex}\r\n${body}\r\n0\r\n\r\n`,
  'size beyond 64 bits': `ffffffffffffffff1\r\n${body}\r\n0\r\n\r\n`,
  'LF behind the size': `${hex}\n${body}\r\n0\r\n\r\n`,
  'CR behind the size': `${hex}\r${body}\r\n0\r\n\r\n`,
  'LF behind the data': `${hex}\r\n${body}\n0\r\n\r\n`,
  'nothing behind the data': `${hex}\r\n${body}0\r\n\r\n`,
  'two bytes too many': `${hex}\r\n${body}xx\r\n0\r\n\r\n`,
  'one byte too few': `${(body.length - 1).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  'LF in an extension': `${hex};a\n=b\r\n${body}\r\n0\r\n\r\n`,
  'NUL in an extension': `${hex};a=\x00\r\n${body}\r\n0\r\n\r\n`,
  'an extension of 300 bytes': `${hex};a=${'b'.repeat(300)}\r\n${body}\r\n0\r\n\r\n`,
  'LF behind the last size': `${hex}\r\n${body}\r\n0\n\r\n`,
  'LF as the last line': `${hex}\r\n${body}\r\n0\r\n\n`,
  'trailer without a colon': `${hex}\r\n${body}\r\n0\r\nX\r\n\r\n`,
  'trailer with a space before the colon': `${hex}\r\n${body}\r\n0\r\nX : 1\r\n\r\n`,
  'trailer Content-Length': `${hex}\r\n${body}\r\n0\r\nContent-Length: 5\r\n\r\n`,
  'trailer Transfer-Encoding': `${hex}\r\n${body}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'trailer Host': `${hex}\r\n${body}\r\n0\r\nHost: evil\r\n\r\n`,
  'trailer x-api-key': `${hex}\r\n${body}\r\n0\r\nx-api-key: evil\r\n\r\n`,
  'folded trailer': `${hex}\r\n${body}\r\n0\r\nX: 1\r\n 2\r\n\r\n`,
  'bare CR in a trailer': `${hex}\r\n${body}\r\n0\r\nX: 1\r2\r\n\r\n`,
};
for (const [name, after] of Object.entries(chunks)) bad('chunk', name, post(te, after));
bad('chunk', 'forty trailers', post(te, `${hex}\r\n${body}\r\n0\r\n${'X: 1\r\n'.repeat(40)}\r\n`), [400, 431]);
bad('chunk', 'trailers of 10 kB', post(te, `${hex}\r\n${body}\r\n0\r\nX: ${'a'.repeat(10000)}\r\n\r\n`), [400, 431]);

// --- Connection, Expect, other protocols
for (const name of ['content-length', 'transfer-encoding', 'host', 'x-api-key', 'authorization', 'x-forwarded-for']) {
  bad('connection', `nominates ${name}`, post(`Connection: close, ${name}\r\n${length}`));
}
bad('expect', 'something else', post(`Expect: 200-maybe\r\n${length}`), [417]);
bad('expect', 'a list', post(`Expect: 100-continue, other\r\n${length}`), [417]);
const protocols = {
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'SSH': 'SSH-2.0-OpenSSH_9.2\r\n',
  'PROXY protocol': `PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET /v1/models HTTP/1.1\r\n${host}${auth}\r\n`,
  'PROXY protocol v2': '\r\n\r\n\x00\r\nQUIT\n!\x11\x00\x0c',
  'SMTP': 'EHLO localhost\r\n',
  'Redis': '*1\r\n$4\r\nPING\r\n',
  'binary noise': '\x00\x01\x02\x03\xff\xfe\xfd\r\n\r\n',
};
for (const [name, bytes] of Object.entries(protocols)) bad('protocol', name, bytes, [400, 405, 501, 505, 0]);

// --- credentials
const noKey = (fields2) => `POST /v1/messages HTTP/1.1\r\n${host}${json}${fields2}${length}\r\n${body}`;
const credentials = {
  'none': '',
  'empty x-api-key': 'x-api-key:\r\n',
  'empty Bearer': 'Authorization: Bearer\r\n',
  'empty Bearer with a space': 'Authorization: Bearer \r\n',
  'in a cookie': 'Cookie: x-api-key={KEY}\r\n',
  'a list of keys': 'x-api-key: {KEY}, {KEY}\r\n',
  'quoted': 'x-api-key: "{KEY}"\r\n',
  'Basic': 'Authorization: Basic e0tFWX0=\r\n',
  'percent escaped': 'x-api-key: sk%2Dproxy-abc\r\n',
  'one character more': 'x-api-key: {KEY}a\r\n',
  'SQL': "x-api-key: ' OR '1'='1\r\n",
  'of 73 bytes': `x-api-key: sk-proxy-${'a'.repeat(64)}\r\n`,
  'of 5 kB': `x-api-key: sk-proxy-${'a'.repeat(5000)}\r\n`,
  'an Anthropic key': 'x-api-key: sk-ant-api03-abcdef\r\n',
};
for (const [name, value] of Object.entries(credentials)) bad('credential', name, noKey(value), [401]);
bad('credential', 'x-api-key twice', noKey(auth + auth), [400, 401]);
bad('credential', 'Authorization twice', noKey('Authorization: Bearer {KEY}\r\nAuthorization: Bearer {KEY}\r\n'), [400, 401]);
bad('credential', 'in the query', `POST /v1/messages?x-api-key={KEY} HTTP/1.1\r\n${host}${json}${length}\r\n${body}`, [401]);

// --- JSON
const bodies = {
  'empty': '',
  'an array': '[]',
  'a string': '"hi"',
  'null': 'null',
  'not closed': '{"model":"m"',
  'trailing text': `${body} x`,
  'trailing object': `${body}{}`,
  'trailing comma': '{"model":"m","max_tokens":1,}',
  'single quotes': "{'model':'m'}",
  'a comment': '{"model":"m"/* x */}',
  'model twice': '{"model":"a","model":"b","max_tokens":1,"messages":[]}',
  'model twice, once escaped': '{"model":"a","\\u006dodel":"b","max_tokens":1,"messages":[]}',
  'max_tokens twice': '{"model":"a","max_tokens":1,"max_tokens":2,"messages":[]}',
  'stream twice': '{"model":"a","max_tokens":1,"stream":true,"stream":false,"messages":[]}',
  'negative max_tokens': '{"model":"a","max_tokens":-1,"messages":[]}',
  'huge max_tokens': '{"model":"a","max_tokens":1e30,"messages":[]}',
  'fractional max_tokens': '{"model":"a","max_tokens":1.5,"messages":[]}',
  'max_tokens a string': '{"model":"a","max_tokens":"1","messages":[]}',
  'stream a string': '{"model":"a","max_tokens":1,"stream":"true","messages":[]}',
  'model a number': '{"model":1,"max_tokens":1,"messages":[]}',
  'NaN': '{"model":"a","max_tokens":NaN,"messages":[]}',
  'Infinity': '{"model":"a","max_tokens":Infinity,"messages":[]}',
  'leading zero': '{"model":"a","max_tokens":01,"messages":[]}',
  'nested 100 deep': `{"model":"a","max_tokens":1,"messages":${'['.repeat(100)}${']'.repeat(100)}}`,
  'a raw control byte in a string': '{"model":"a\x01","max_tokens":1,"messages":[]}',
  'invalid UTF-8': '{"model":"a\xff","max_tokens":1,"messages":[]}',
  'overlong UTF-8': '{"model":"a\xc0\xaf","max_tokens":1,"messages":[]}',
  'a bad escape': '{"model":"a\\x","max_tokens":1,"messages":[]}',
};
for (const [name, text] of Object.entries(bodies)) {
  bad('json', name, post(`Content-Length: ${text.length}\r\n`, text));
}
bad('json', 'two codings', post(`Content-Encoding: gzip, br\r\n${length}`), [415]);
bad('json', 'an unknown coding', post(`Content-Encoding: lzma\r\n${length}`), [415]);
bad('json', 'gzip that is none', post(`Content-Encoding: gzip\r\n${length}`));
