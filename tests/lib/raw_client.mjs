// A TCP client that sends any bytes in any pieces and reads what comes back.
//
//   const client = await RawClient.connect(port);
//   await client.send(bytes, { split: 1 });              // one byte to a write
//   const answer = await client.receive("POST");         // a ResponseReader that is done, or cut
//   answer.isDone; answer.status; answer.body;
//   await client.receive("POST", { until: (a) => a.bodyBytes > 100 });   // and later the rest
//   client.reset();                                      // or close(), or finish() for a half-close
//   await client.ended();                                // "fin" or "reset"

import { connect } from "node:net";
import { once } from "node:events";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { ResponseReader } from "./response_reader.mjs";
import { within } from "./wait.mjs";

const empty = Buffer.alloc(0);

export class RawClient {
  static async connect(port, host = "127.0.0.1") {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    const client = new RawClient(socket);
    await within(10_000, once(socket, "connect"), `a connection to ${host}:${port}`);
    return client;
  }

  constructor(socket) {
    this._socket = socket;
    this._received = empty; // Not yet read by anybody.
    this._end = null; // How the other side ended the connection.
    this._reader = null; // An answer that is not finished.
    this._wake = () => {};
    this.bytesReceived = 0;
    socket.on("data", (bytes) => {
      this._received = Buffer.concat([this._received, bytes]);
      this.bytesReceived += bytes.length;
      this._wake();
    });
    socket.on("end", () => this._ended("fin"));
    socket.on("error", (error) => this._ended(error.code === "ECONNRESET" ? "reset" : error.code));
    socket.on("close", () => this._ended("fin"));
  }

  _ended(how) {
    this._end ??= how;
    this._wake();
  }
  async _change(deadline, what) {
    const changed = new Promise((resolve) => (this._wake = resolve));
    await within(Math.max(deadline - performance.now(), 0), changed, what);
  }

  // `split`: bytes of a write, or a function that gives the number for the next one. `gapMs`: how
  // long to wait between writes; without it they are merely kept apart.
  async send(bytes, { split, gapMs } = {}) {
    const all = Buffer.from(bytes);
    if (split === undefined) return this._write(all);
    const next = typeof split === "function" ? split : () => split;
    for (let at = 0; at < all.length;) {
      const end = Math.min(all.length, at + Math.max(1, next()));
      await this._write(all.subarray(at, end));
      at = end;
      await (gapMs === undefined ? nextTurn() : pause(gapMs));
    }
  }
  // The other side may refuse to read on: then writing fails silently, and reading shows why.
  async _write(bytes) {
    if (this._socket.destroyed || !this._socket.writable) return;
    if (!this._socket.write(bytes))
      await Promise.race([once(this._socket, "drain"), once(this._socket, "close")]).catch(
        () => {},
      );
  }

  // The next answer: done, or as far as `until` wants it, or as far as it came before the connection
  // ended. Throws MalformedResponse, and when nothing comes for `deadlineMs`.
  async receive(method = "GET", { until = () => false, deadlineMs = 10_000 } = {}) {
    this._reader ??= new ResponseReader(method);
    const reader = this._reader;
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      if (this._received.length > 0) {
        const bytes = this._received;
        this._received = empty;
        this._received = reader.push(bytes);
      }
      if (this._end === "fin" && !reader.isDone) reader.end();
      if (reader.isDone || this._end !== null) {
        this._reader = null;
        return reader;
      }
      if (until(reader)) return reader;
      await this._change(deadline, "the rest of an answer");
    }
  }

  // All answers until the connection ends, one for each of `methods`, and the bytes behind them.
  async receiveAll(methods, options) {
    const answers = [];
    for (const method of methods) {
      const answer = await this.receive(method, options);
      if (answer.status === 0) break;
      answers.push(answer);
      if (!answer.isDone) break;
    }
    return { answers, surplus: await this.receiveBytes(options), end: this._end };
  }

  // Everything until the connection ends, as it is.
  async receiveBytes({ deadlineMs = 10_000 } = {}) {
    await this.ended({ deadlineMs });
    const bytes = this._received;
    this._received = empty;
    return bytes;
  }

  // How the connection ended: "fin", "reset", or the name of another error. Node takes a reset that
  // comes right behind data for a "fin"; what is certain is whether an answer was done.
  async ended({ deadlineMs = 10_000 } = {}) {
    const deadline = performance.now() + deadlineMs;
    while (this._end === null) await this._change(deadline, "the connection to end");
    return this._end;
  }

  // Nothing more to say; the answer is still read.
  finish() {
    this._socket.end();
  }
  close() {
    this._socket.destroy();
  }
  reset() {
    this._socket.resetAndDestroy();
  }
  // No longer takes anything in: the other side's writes will fill up.
  stall() {
    this._socket.pause();
  }
  proceed() {
    this._socket.resume();
  }
}
