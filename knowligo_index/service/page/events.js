// Server-sent events in the body of a response.

// Calls onEvent(name, value) for each event. True if it returned true for one: the stream came to its end.
export async function readEvents(response, onEvent) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  let ended = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ended;
    buffer += value;
    const events = buffer.split("\n\n");
    buffer = events.pop();
    for (const event of events) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event);
      ended = onEvent(name, JSON.parse(data)) || ended;
    }
  }
}
