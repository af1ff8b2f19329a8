#include "sim/wire_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/bad_framing.h"
#include "sim/coding.h"
#include "sim/digest.h"

namespace relay::sim {
namespace {

using http::Framing;

bool has_no_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

// What `encoding` names, or what the request accepts.
std::string_view coding_of(const Script& script, const Asked& asked) noexcept {
  if (script.encoding == "offered") return choose_coding(asked.accept_encoding);
  return script.encoding;
}

void damage(std::vector<Piece>& pieces, std::string_view how) {
  if (pieces.empty()) return;
  std::string& last = pieces.back().bytes;
  if (how == "cut") last.resize(last.size() / 2);
  if (how == "corrupt") {
    std::string& first = pieces.front().bytes;
    for (std::size_t i = std::min<std::size_t>(12, first.size()); i < first.size(); i += 5) {
      first[i] = static_cast<char>(~first[i]);
    }
  }
}

void encode(Answer& answer, const Script& script, const Asked& asked) {
  const std::string_view coding = coding_of(script, asked);
  const std::unique_ptr<Encoder> encoder = make_encoder(coding);
  if (encoder == nullptr) return;
  for (std::size_t i = 0; i < answer.pieces.size(); ++i) {
    std::string& bytes = answer.pieces[i].bytes;
    bytes = encoder->encode(bytes, i + 1 == answer.pieces.size());
  }
  answer.fields += fmt::format("content-encoding: {}\r\n", coding_token(coding));
  if (!script.encoding_bad.empty()) damage(answer.pieces, script.encoding_bad);
}

std::string hash(const std::vector<Piece>& pieces) {
  Sha256 digest;
  for (const Piece& piece : pieces) digest.add(piece.bytes);
  return digest.finish();
}

Framing framing_of(const Answer& answer, const Script& script, const Asked& asked) noexcept {
  if (!script.bad.empty()) return find_bad_framing(script.bad)->framing;
  if (script.framing == "length") return Framing::length;
  if (script.framing == "close") return Framing::until_close;
  const bool may_chunk = script.http == "1.1" && asked.minor_version == 1;
  if (script.framing == "chunked" && may_chunk) return Framing::chunked;
  if (answer.pieces.size() < 2) return Framing::length;
  return may_chunk ? Framing::chunked : Framing::until_close;
}

std::string in_chunks(std::string_view bytes, const Script& script) {
  const auto chunk_max = static_cast<std::size_t>(script.chunk);
  std::string chunks;
  while (!bytes.empty()) {
    const std::size_t size = chunk_max == 0 ? bytes.size() : std::min(bytes.size(), chunk_max);
    fmt::format_to(std::back_inserter(chunks), "{:x}", size);
    if (!script.chunk_ext.empty()) chunks.append(";").append(script.chunk_ext);
    chunks.append("\r\n").append(bytes.substr(0, size)).append("\r\n");
    bytes.remove_prefix(size);
  }
  return chunks;
}

std::string last_chunk(const Script& script) {
  std::string chunk = "0\r\n";
  for (std::int64_t i = 0; i < script.trailers; ++i) {
    chunk += fmt::format("x-sim-trailer-{}: {}\r\n", i, i);
  }
  return chunk += "\r\n";
}

std::string interim_answers(const Script& script) {
  std::string answers;
  for (std::int64_t i = 0; i < script.interim; ++i) {
    answers += fmt::format("HTTP/1.1 {} {}\r\n", script.interim_status,
                           reason_phrase(static_cast<int>(script.interim_status)));
    if (script.interim_status == 103) answers += "link: </style.css>; rel=preload\r\n";
    answers += "\r\n";
  }
  return answers;
}

void add_lines(std::vector<std::string>& lines, std::string_view fields) {
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    lines.emplace_back(fields.substr(0, end));
    fields.remove_prefix(end + 2);
  }
}

void frame_body(Draft& draft, std::vector<Piece>& pieces, const Script& script, Framing framing) {
  for (const Piece& piece : pieces) draft.body_bytes += piece.bytes.size();
  if (framing == Framing::chunked) {
    draft.lines.emplace_back("transfer-encoding: chunked");
    draft.tail = last_chunk(script);
  } else if (framing == Framing::length) {
    draft.lines.push_back("content-length: " + std::to_string(draft.body_bytes));
  }
  for (Piece& piece : pieces) {
    draft.pieces.push_back(framing == Framing::chunked ? in_chunks(piece.bytes, script)
                                                       : std::move(piece.bytes));
  }
  draft.closes = framing == Framing::until_close;
}

Draft draft_of(Answer& answer, const Script& script, const Asked& asked, std::string_view fields) {
  Draft draft;
  draft.before = interim_answers(script);
  draft.status_line =
      fmt::format("HTTP/{} {} {}", script.http, answer.status, reason_phrase(answer.status));
  add_lines(draft.lines, fields);
  add_lines(draft.lines, answer.fields);
  if (has_no_body(answer.status)) {
    answer.pieces.clear();
  } else {
    draft.lines.push_back("content-type: " + answer.content_type);
  }
  const bool closes = script.close || !asked.keep_alive || script.http == "1.0";
  draft.lines.emplace_back(closes ? "connection: close" : "connection: keep-alive");
  if (!has_no_body(answer.status) || !script.bad.empty()) {
    frame_body(draft, answer.pieces, script, framing_of(answer, script, asked));
  }
  draft.closes |= closes;
  if (asked.method == http::Method::head && script.bad != "body_on_head") {
    draft.pieces.clear();
    draft.tail.clear();
  }
  return draft;
}

WireAnswer assemble(const Draft& draft, const std::vector<Piece>& pieces) {
  WireAnswer wire;
  wire.bytes = draft.before + draft.status_line + draft.line_end;
  for (const std::string& line : draft.lines) wire.bytes.append(line).append(draft.line_end);
  wire.bytes += draft.line_end;
  wire.head_bytes = wire.bytes.size();
  for (std::size_t i = 0; i < draft.pieces.size(); ++i) {
    wire.bytes += draft.pieces[i];
    wire.marks.push_back({wire.bytes.size(), pieces[i].usage});
  }
  if (wire.marks.empty()) wire.marks.push_back({wire.head_bytes});
  wire.bytes += draft.tail;
  wire.closes = draft.closes;
  return wire;
}

}  // namespace

WireAnswer frame(Answer answer, const Script& script, const Asked& asked, std::string_view fields) {
  encode(answer, script, asked);
  const std::string body_sha256 = script.is_default ? std::string{} : hash(answer.pieces);
  Draft draft = draft_of(answer, script, asked, fields);
  if (!script.bad.empty()) find_bad_framing(script.bad)->spoil(draft);
  WireAnswer wire = assemble(draft, answer.pieces);
  wire.body_sha256 = body_sha256;
  wire.status = answer.status;
  wire.is_batch = answer.is_batch;
  return wire;
}

std::string_view reason_phrase(int status) noexcept {
  static constexpr std::pair<int, std::string_view> phrases[] = {{100, "Continue"},
                                                                 {102, "Processing"},
                                                                 {103, "Early Hints"},
                                                                 {200, "OK"},
                                                                 {201, "Created"},
                                                                 {204, "No Content"},
                                                                 {301, "Moved Permanently"},
                                                                 {302, "Found"},
                                                                 {304, "Not Modified"},
                                                                 {307, "Temporary Redirect"},
                                                                 {308, "Permanent Redirect"},
                                                                 {400, "Bad Request"},
                                                                 {401, "Unauthorized"},
                                                                 {402, "Payment Required"},
                                                                 {403, "Forbidden"},
                                                                 {404, "Not Found"},
                                                                 {405, "Method Not Allowed"},
                                                                 {408, "Request Timeout"},
                                                                 {409, "Conflict"},
                                                                 {413, "Payload Too Large"},
                                                                 {422, "Unprocessable Entity"},
                                                                 {429, "Too Many Requests"},
                                                                 {500, "Internal Server Error"},
                                                                 {502, "Bad Gateway"},
                                                                 {503, "Service Unavailable"},
                                                                 {504, "Gateway Timeout"},
                                                                 {529, "Overloaded"}};
  for (const auto& [known, phrase] : phrases) {
    if (known == status) return phrase;
  }
  return "Unknown";
}

}  // namespace relay::sim
