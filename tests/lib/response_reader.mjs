// Reads HTTP/1.1 answers as strictly as RFC 9112 allows: what two readers could understand in two
// ways is an error. Bytes may come in any pieces.
//
//   const reader = new ResponseReader("POST");
//   const rest = reader.push(bytes);   // What lies behind the answer, once reader.isDone.
//   reader.end();                      // The connection ended in order; reader.isDone says whether
//                                      // the answer did too.

export class MalformedResponse extends Error {}

const lineBytesMax = 64 * 1024;
const fieldsMax = 1000;
const crlf = Buffer.from("\r\n");
const tokens = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// eslint-disable-next-line no-control-regex
const fieldContent = /^[\t\x20-\x7e\x80-\xff]*$/;

export class ResponseReader {
  constructor(method = "GET") {
    this.method = method;
    this.interim = []; // Status numbers of 1xx answers.
    this.isHeadDone = false;
    this.isDone = false;
    this.framing = null; // "none", "length", "chunked" or "close".
    this.bodyBytes = 0;
    this.trailers = [];
    this.pieces = []; // The body as it came: chunk by chunk, read by read.
    this._pending = Buffer.alloc(0);
    this._startHead();
  }

  // The values of a field joined by ", ", or undefined.
  header(name) {
    const values = this.headers
      .filter(([field]) => field.toLowerCase() === name)
      .map(([, value]) => value);
    return values.length ? values.join(", ") : undefined;
  }
  // All of the body that has come. Joined when asked for: do not ask at every piece, bodyBytes is
  // cheaper.
  get body() {
    if (this._joined?.length !== this.bodyBytes) this._joined = Buffer.concat(this.pieces);
    return this._joined;
  }
  text() {
    return this.body.toString("utf8");
  }
  json() {
    return JSON.parse(this.text());
  }

  push(bytes) {
    this._pending = Buffer.concat([this._pending, bytes]);
    while (!this.isDone && this._step());
    if (!this.isDone) return Buffer.alloc(0);
    const rest = this._pending;
    this._pending = Buffer.alloc(0);
    return rest;
  }

  end() {
    if (this.isHeadDone && this.framing === "close") this.isDone = true;
  }

  _startHead() {
    this._state = "status";
    this.status = 0;
    this.reason = "";
    this.version = "";
    this.headers = [];
  }

  // A line without its CRLF, or undefined while it is not whole.
  _line() {
    const lf = this._pending.indexOf(10);
    const bytes = lf < 0 ? this._pending.length : lf;
    if (bytes > lineBytesMax) throw new MalformedResponse("a line is too long");
    if (lf < 0) return undefined;
    if (lf === 0 || this._pending[lf - 1] !== 13)
      throw new MalformedResponse("a line ends in a bare LF");
    const line = this._pending.subarray(0, lf - 1).toString("latin1");
    this._pending = this._pending.subarray(lf + 1);
    return line;
  }

  // True if there may be more to do with what has come.
  _step() {
    switch (this._state) {
      case "status":
        return this._statusLine();
      case "field":
        return this._fieldLine();
      case "length":
      case "close":
        return this._plainBody();
      case "size":
        return this._chunkSize();
      case "data":
        return this._chunkData();
      case "data end":
        return this._chunkEnd();
      case "trailer":
        return this._trailerLine();
      default:
        throw new Error(this._state);
    }
  }

  _statusLine() {
    const line = this._line();
    if (line === undefined) return false;
    const match = /^HTTP\/(1\.[01]) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
    if (!match) throw new MalformedResponse(`status line ${JSON.stringify(line)}`);
    [, this.version, , this.reason] = match;
    this.status = Number(match[2]);
    this._state = "field";
    return true;
  }

  _parseField(line) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, "");
    if (!tokens.test(name) || !fieldContent.test(value)) {
      throw new MalformedResponse(`field ${JSON.stringify(line.slice(0, 200))}`);
    }
    return [name, value];
  }

  _fieldLine() {
    const line = this._line();
    if (line === undefined) return false;
    if (line !== "") {
      if (this.headers.length >= fieldsMax) throw new MalformedResponse("too many fields");
      this.headers.push(this._parseField(line));
      return true;
    }
    if (this.status >= 100 && this.status < 200) {
      if (this.status === 101) throw new MalformedResponse("101 that was not asked for");
      this.interim.push(this.status);
      this._startHead();
      return true;
    }
    this.isHeadDone = true;
    this._chooseFraming();
    return true;
  }

  _chooseFraming() {
    const lengths = this.headers.filter(([name]) => name.toLowerCase() === "content-length");
    const codings = this.headers.filter(([name]) => name.toLowerCase() === "transfer-encoding");
    if (lengths.length > 1 || codings.length > 1) throw new MalformedResponse("framing said twice");
    if (lengths.length && codings.length) throw new MalformedResponse("two kinds of framing");
    if (lengths.length && !/^\d{1,15}$/.test(lengths[0][1])) {
      throw new MalformedResponse(`content-length ${lengths[0][1]}`);
    }
    if (codings.length && codings[0][1].toLowerCase() !== "chunked") {
      throw new MalformedResponse(`transfer-encoding ${codings[0][1]}`);
    }
    if (codings.length && this.version === "1.0") throw new MalformedResponse("chunks in HTTP/1.0");

    if (this.method === "HEAD" || this.status === 204 || this.status === 304) {
      this.framing = "none";
      this.isDone = true;
    } else if (codings.length) {
      this.framing = "chunked";
      this._state = "size";
    } else if (lengths.length) {
      this.framing = "length";
      this._state = "length";
      this._left = Number(lengths[0][1]);
      this.isDone = this._left === 0;
    } else {
      this.framing = "close";
      this._state = "close";
      this._left = Infinity;
    }
  }

  _take(bytes) {
    const piece = this._pending.subarray(0, Math.min(bytes, this._pending.length));
    this._pending = this._pending.subarray(piece.length);
    this.pieces.push(piece);
    this.bodyBytes += piece.length;
    this._left -= piece.length;
    return piece.length;
  }

  _plainBody() {
    if (this._pending.length === 0) return false;
    this._take(this._left);
    this.isDone = this._left === 0;
    return false;
  }

  _chunkSize() {
    const line = this._line();
    if (line === undefined) return false;
    const match = /^([0-9a-fA-F]{1,13})(;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line);
    if (!match) throw new MalformedResponse(`chunk size ${JSON.stringify(line.slice(0, 100))}`);
    this._left = parseInt(match[1], 16);
    this._state = this._left === 0 ? "trailer" : "data";
    return true;
  }

  _chunkData() {
    if (this._pending.length === 0) return false;
    this._take(this._left);
    if (this._left === 0) this._state = "data end";
    return true;
  }

  _chunkEnd() {
    if (this._pending.length < 2) return false;
    if (!this._pending.subarray(0, 2).equals(crlf))
      throw new MalformedResponse("a chunk is longer than its size");
    this._pending = this._pending.subarray(2);
    this._state = "size";
    return true;
  }

  _trailerLine() {
    const line = this._line();
    if (line === undefined) return false;
    if (line === "") {
      this.isDone = true;
      return false;
    }
    const [name, value] = this._parseField(line);
    if (/^(content-length|transfer-encoding|host)$/i.test(name))
      throw new MalformedResponse(`${name} in a trailer`);
    this.trailers.push([name, value]);
    return true;
  }
}
