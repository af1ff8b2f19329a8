#include "sim/bad_framing.h"

#include <algorithm>
#include <array>

namespace relay::sim {
namespace {

using http::Framing;

constexpr std::size_t kib = 1024;

std::string& framing_line(Draft& draft) {
  return draft.lines.back();
}
void say_length(Draft& draft, std::string_view value) {
  framing_line(draft) = "content-length: ";
  framing_line(draft) += value;
}
void say_coding(Draft& draft, std::string_view value) {
  framing_line(draft) = "transfer-encoding: ";
  framing_line(draft) += value;
}
void add_line(Draft& draft, std::string line) {
  draft.lines.insert(draft.lines.begin(), std::move(line));
}

// Both work on the first chunk: "size CRLF bytes CRLF".
void say_size(Draft& draft, std::string_view size) {
  std::string& chunk = draft.pieces.empty() ? draft.tail : draft.pieces.front();
  chunk.replace(0, chunk.find("\r\n"), size);
}
void end_chunk_with(Draft& draft, std::string_view end) {
  std::string& chunk = draft.pieces.empty() ? draft.tail : draft.pieces.front();
  if (chunk.ends_with("\r\n")) chunk.replace(chunk.size() - 2, 2, end);
}
void end_sizes_with_lf(Draft& draft) {
  for (std::string& chunk : draft.pieces) chunk.erase(chunk.find("\r\n"), 1);
}
std::string first_size(const Draft& draft) {
  const std::string& chunk = draft.pieces.empty() ? draft.tail : draft.pieces.front();
  return chunk.substr(0, chunk.find("\r\n"));
}
std::string length(const Draft& draft, std::size_t more = 0) {
  return std::to_string(draft.body_bytes + more);
}
void end_body_with(Draft& draft, std::string_view tail) {
  draft.tail = tail;
  draft.closes = true;
}
void make_bodyless(Draft& draft, std::string_view status) {
  draft.status_line = "HTTP/1.1 ";
  draft.status_line += status;
}

const std::string other_answer =
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 11\r\n\r\nnot for you";

// clang-format off
const std::array catalogue = {
    // The length.
    BadFraming{"two_lengths_equal", Framing::length, "two equal content-length fields",
               [](Draft& d) { add_line(d, framing_line(d)); }},
    BadFraming{"two_lengths", Framing::length, "two content-length fields that differ",
               [](Draft& d) { add_line(d, "content-length: " + length(d, 1)); }},
    BadFraming{"length_list", Framing::length, "one content-length, the number twice",
               [](Draft& d) { say_length(d, length(d) + ", " + length(d)); }},
    BadFraming{"length_negative", Framing::length, "content-length: -1",
               [](Draft& d) { say_length(d, "-1"); }},
    BadFraming{"length_plus", Framing::length, "content-length with a plus sign",
               [](Draft& d) { say_length(d, "+" + length(d)); }},
    BadFraming{"length_hex", Framing::length, "content-length in hexadecimal",
               [](Draft& d) { say_length(d, "0x10"); }},
    BadFraming{"length_empty", Framing::length, "content-length without a value",
               [](Draft& d) { say_length(d, ""); }},
    BadFraming{"length_space", Framing::length, "a blank inside content-length",
               [](Draft& d) { say_length(d, "1 0"); }},
    BadFraming{"length_letters", Framing::length, "content-length: ten",
               [](Draft& d) { say_length(d, "ten"); }},
    BadFraming{"length_fraction", Framing::length, "content-length: 10.0",
               [](Draft& d) { say_length(d, "10.0"); }},
    BadFraming{"length_overflow", Framing::length, "content-length beyond 64 bits",
               [](Draft& d) { say_length(d, "18446744073709551617"); }},
    BadFraming{"length_too_long", Framing::length, "10 bytes of the body never come",
               [](Draft& d) { say_length(d, length(d, 10)); d.closes = true; }},
    BadFraming{"length_and_chunked", Framing::chunked, "content-length and transfer-encoding",
               [](Draft& d) { add_line(d, "content-length: " + length(d)); }},

    // The transfer coding.
    BadFraming{"coding_unknown", Framing::chunked, "transfer-encoding: gzip",
               [](Draft& d) { say_coding(d, "gzip"); }},
    BadFraming{"coding_stacked", Framing::chunked, "transfer-encoding: gzip, chunked",
               [](Draft& d) { say_coding(d, "gzip, chunked"); }},
    BadFraming{"coding_after_chunked", Framing::chunked, "transfer-encoding: chunked, identity",
               [](Draft& d) { say_coding(d, "chunked, identity"); }},
    BadFraming{"coding_twice", Framing::chunked, "transfer-encoding: chunked, chunked",
               [](Draft& d) { say_coding(d, "chunked, chunked"); }},
    BadFraming{"coding_two_fields", Framing::chunked, "two transfer-encoding fields",
               [](Draft& d) { add_line(d, framing_line(d)); }},
    BadFraming{"coding_empty", Framing::chunked, "transfer-encoding without a value",
               [](Draft& d) { say_coding(d, ""); }},
    BadFraming{"coding_quoted", Framing::chunked, "transfer-encoding: \"chunked\"",
               [](Draft& d) { say_coding(d, "\"chunked\""); }},
    BadFraming{"coding_vertical_tab", Framing::chunked, "transfer-encoding: VT chunked",
               [](Draft& d) { say_coding(d, "\vchunked"); }},
    BadFraming{"coding_in_http_1_0", Framing::chunked, "transfer-encoding in an HTTP/1.0 answer",
               [](Draft& d) { d.status_line.replace(0, 8, "HTTP/1.0"); }},

    // Chunks.
    BadFraming{"chunk_size_letters", Framing::chunked, "a chunk size of xyz",
               [](Draft& d) { say_size(d, "xyz"); }},
    BadFraming{"chunk_size_empty", Framing::chunked, "no chunk size",
               [](Draft& d) { say_size(d, ""); }},
    BadFraming{"chunk_size_negative", Framing::chunked, "a chunk size of -1",
               [](Draft& d) { say_size(d, "-1"); }},
    BadFraming{"chunk_size_plus", Framing::chunked, "a chunk size with a plus sign",
               [](Draft& d) { say_size(d, "+" + first_size(d)); }},
    BadFraming{"chunk_size_prefix", Framing::chunked, "a chunk size with 0x",
               [](Draft& d) { say_size(d, "0x" + first_size(d)); }},
    BadFraming{"chunk_size_space", Framing::chunked, "a blank before the chunk size",
               [](Draft& d) { say_size(d, " " + first_size(d)); }},
    BadFraming{"chunk_size_underscore", Framing::chunked, "a chunk size of 1_0",
               [](Draft& d) { say_size(d, "1_0"); }},
    BadFraming{"chunk_size_overflow", Framing::chunked, "a chunk size of 17 digits",
               [](Draft& d) { say_size(d, "10000000000000010"); }},
    BadFraming{"chunk_size_max", Framing::chunked, "a chunk size of 2^64-1",
               [](Draft& d) { say_size(d, "ffffffffffffffff"); d.closes = true; }},
    BadFraming{"chunk_size_lf", Framing::chunked, "chunk sizes end in a bare LF",
               [](Draft& d) { end_sizes_with_lf(d); }},
    BadFraming{"chunk_without_crlf", Framing::chunked, "no CRLF behind a chunk",
               [](Draft& d) { end_chunk_with(d, ""); }},
    BadFraming{"chunk_ends_in_lf", Framing::chunked, "a bare LF behind a chunk",
               [](Draft& d) { end_chunk_with(d, "\n"); }},
    BadFraming{"chunk_ends_in_cr", Framing::chunked, "a bare CR behind a chunk",
               [](Draft& d) { end_chunk_with(d, "\r"); }},
    BadFraming{"chunk_spills", Framing::chunked, "a chunk longer than its size",
               [](Draft& d) { end_chunk_with(d, "spilt\r\n"); }},
    BadFraming{"chunk_extension_lf", Framing::chunked, "a bare LF in a chunk extension",
               [](Draft& d) { say_size(d, first_size(d) + ";a\nb"); }},
    BadFraming{"chunk_extension_cr", Framing::chunked, "a bare CR in a chunk extension",
               [](Draft& d) { say_size(d, first_size(d) + ";a\rb"); }},
    BadFraming{"chunk_extension_huge", Framing::chunked, "a chunk extension of 1 MiB",
               [](Draft& d) { say_size(d, first_size(d) + ";a=" + std::string(1024 * kib, 'x')); }},
    BadFraming{"last_chunk_missing", Framing::chunked, "the body ends without a last chunk",
               [](Draft& d) { end_body_with(d, ""); }},
    BadFraming{"last_chunk_unfinished", Framing::chunked, "the last chunk lacks its final CRLF",
               [](Draft& d) { end_body_with(d, "0\r\n"); }},
    BadFraming{"last_chunk_lf", Framing::chunked, "the last chunk ends in bare LFs",
               [](Draft& d) { end_body_with(d, "0\n\n"); }},
    BadFraming{"trailer_without_colon", Framing::chunked, "a trailer field without a colon",
               [](Draft& d) { d.tail = "0\r\nnonsense\r\n\r\n"; }},
    BadFraming{"trailer_framing", Framing::chunked, "content-length in a trailer",
               [](Draft& d) { d.tail = "0\r\ncontent-length: 5\r\n\r\n"; }},
    BadFraming{"trailer_huge", Framing::chunked, "a trailer of 1 MiB",
               [](Draft& d) { d.tail = "0\r\na: " + std::string(1024 * kib, 'x') + "\r\n\r\n"; }},

    // The status line.
    BadFraming{"status_line_garbage", Framing::length, "a status line that is none",
               [](Draft& d) { d.status_line = "hello there"; }},
    BadFraming{"status_line_missing", Framing::length, "the head begins with fields",
               [](Draft& d) { d.status_line = "x-first: 1"; }},
    BadFraming{"status_line_empty", Framing::length, "an empty line before the status line",
               [](Draft& d) { d.before = "\r\n"; }},
    BadFraming{"version_2", Framing::length, "HTTP/2.0",
               [](Draft& d) { d.status_line.replace(0, 8, "HTTP/2.0"); }},
    BadFraming{"version_1_2", Framing::length, "HTTP/1.2",
               [](Draft& d) { d.status_line.replace(0, 8, "HTTP/1.2"); }},
    BadFraming{"version_lower_case", Framing::length, "http/1.1",
               [](Draft& d) { d.status_line.replace(0, 8, "http/1.1"); }},
    BadFraming{"version_other", Framing::length, "ICY",
               [](Draft& d) { d.status_line.replace(0, 8, "ICY"); }},
    BadFraming{"status_two_digits", Framing::length, "a status of two digits",
               [](Draft& d) { d.status_line = "HTTP/1.1 20 OK"; }},
    BadFraming{"status_four_digits", Framing::length, "a status of four digits",
               [](Draft& d) { d.status_line = "HTTP/1.1 2000 OK"; }},
    BadFraming{"status_zero", Framing::length, "status 000",
               [](Draft& d) { d.status_line = "HTTP/1.1 000 OK"; }},
    BadFraming{"status_999", Framing::length, "status 999",
               [](Draft& d) { d.status_line = "HTTP/1.1 999 OK"; }},
    BadFraming{"status_word", Framing::length, "a status that is no number",
               [](Draft& d) { d.status_line = "HTTP/1.1 two OK"; }},
    BadFraming{"status_control", Framing::length, "a control byte in the reason",
               [](Draft& d) { d.status_line = "HTTP/1.1 200 O\x01K"; }},
    BadFraming{"switching_protocols", Framing::length, "101 that nobody asked for",
               [](Draft& d) { make_bodyless(d, "101 Switching Protocols"); }},
    BadFraming{"head_never_begins", Framing::length, "other bytes than HTTP",
               [](Draft& d) { d.before = "\x16\x03\x01\x02"; d.closes = true; }},

    // Fields.
    BadFraming{"field_control", Framing::length, "a control byte in a value",
               [](Draft& d) { add_line(d, "x-odd: a\x01" "b"); }},
    BadFraming{"field_nul", Framing::length, "a NUL in a value",
               [](Draft& d) { add_line(d, std::string{"x-odd: a\0b", 10}); }},
    BadFraming{"field_nul_name", Framing::length, "a NUL in a name",
               [](Draft& d) { add_line(d, std::string{"x\0odd: a", 8}); }},
    BadFraming{"field_bare_cr", Framing::length, "a bare CR in a value",
               [](Draft& d) { add_line(d, "x-odd: a\rx-injected: b"); }},
    BadFraming{"field_space_before_colon", Framing::length, "a blank before a colon",
               [](Draft& d) { add_line(d, "x-odd : a"); }},
    BadFraming{"field_folded", Framing::length, "a folded value",
               [](Draft& d) { add_line(d, "x-odd: a\r\n b"); }},
    BadFraming{"field_without_colon", Framing::length, "a line without a colon",
               [](Draft& d) { add_line(d, "nonsense"); }},
    BadFraming{"field_without_name", Framing::length, "a field without a name",
               [](Draft& d) { add_line(d, ": a"); }},
    BadFraming{"field_name_space", Framing::length, "a blank in a name",
               [](Draft& d) { add_line(d, "x odd: a"); }},
    BadFraming{"lines_end_in_lf", Framing::length, "bare LFs in the head",
               [](Draft& d) { d.line_end = "\n"; }},
    BadFraming{"head_huge", Framing::length, "a head of 1 MiB in one field",
               [](Draft& d) { add_line(d, "x-huge: " + std::string(1024 * kib, 'x')); }},
    BadFraming{"head_many", Framing::length, "10 000 fields",
               [](Draft& d) { d.lines.insert(d.lines.begin(), 10'000, "x-many: 1"); }},

    // Bodies where none may be, and bytes that belong to nobody.
    BadFraming{"body_on_204", Framing::length, "204 with a body",
               [](Draft& d) { make_bodyless(d, "204 No Content"); }},
    BadFraming{"body_on_304", Framing::length, "304 with a body",
               [](Draft& d) { make_bodyless(d, "304 Not Modified"); }},
    BadFraming{"body_on_103", Framing::length, "an interim answer with a body",
               [](Draft& d) { make_bodyless(d, "103 Early Hints"); }},
    BadFraming{"body_on_head", Framing::length, "a body in the answer to HEAD",
               [](Draft&) {}},  // What is spoilt is that frame() leaves the body in.
    BadFraming{"surplus_bytes", Framing::length, "bytes behind the body",
               [](Draft& d) { d.tail += "surplus"; }},
    BadFraming{"surplus_answer", Framing::length, "a second answer behind the body",
               [](Draft& d) { d.tail += other_answer; }},
    BadFraming{"surplus_after_chunks", Framing::chunked, "a second answer behind the last chunk",
               [](Draft& d) { d.tail += other_answer; }},
};
// clang-format on

}  // namespace

std::span<const BadFraming> bad_framings() noexcept {
  return catalogue;
}

const BadFraming* find_bad_framing(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(catalogue, name, &BadFraming::name);
  return found == catalogue.end() ? nullptr : found;
}

}  // namespace relay::sim
