// text/event-stream, as the WHATWG describes it, and what a Messages stream makes of it.
//
//   const events = parseEvents(answer.body);       // [{ event, data }], whole events only
//   const message = assembleMessage(events);       // { text, toolInputs, usage, stopReason, isComplete, error }

export function parseEvents(bytes) {
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  const events = [];
  let event = "";
  let data = [];
  const lines = text.split(/\r\n|\n|\r/);
  lines.pop(); // What follows the last line end is no line yet.
  for (const line of lines) {
    if (line === "") {
      if (data.length) events.push({ event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon === 0) continue; // A comment.
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return events;
}

// Counts in message_delta are cumulative: each one there replaces what was known before.
export function assembleMessage(events) {
  const message = {
    text: "",
    thinking: "",
    toolInputs: [],
    usage: null,
    stopReason: null,
    isComplete: false,
    error: null,
  };
  for (const { data } of events) {
    if (data === "[DONE]") continue;
    const event = JSON.parse(data);
    if (event.type === "message_start") message.usage = { ...event.message.usage };
    if (event.type === "content_block_start" && event.content_block.type === "tool_use")
      message.toolInputs.push("");
    if (event.type === "content_block_delta") {
      const { delta } = event;
      if (delta.type === "text_delta") message.text += delta.text;
      if (delta.type === "thinking_delta") message.thinking += delta.thinking;
      if (delta.type === "input_json_delta")
        message.toolInputs[message.toolInputs.length - 1] += delta.partial_json;
    }
    if (event.type === "message_delta") {
      for (const [name, value] of Object.entries(event.usage ?? {})) {
        if (value !== null) message.usage = { ...message.usage, [name]: value };
      }
      message.stopReason = event.delta.stop_reason ?? message.stopReason;
    }
    if (event.type === "message_stop") message.isComplete = true;
    if (event.type === "error") message.error = event.error;
  }
  return message;
}
