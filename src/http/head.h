#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/field_name.h"

namespace relay::http {

struct FieldView {
  FieldName name;
  std::string_view value;
};

// The header fields of one message: in the order they came, names and values byte for byte. Owns
// its bytes; views into it end when it is changed, moved or destroyed.
class Fields {
 public:
  class Iterator;

  // Where a field lies in its block, and what field_id() says of its name.
  struct Slot {
    std::uint32_t name_at, name_bytes, value_at, value_bytes;
    FieldId id = FieldId::other;
  };

  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  [[nodiscard]] FieldView operator[](std::size_t index) const noexcept;

  // The field as a line with its end, "name: value\r\n", where it lies here like that; else empty.
  // Lines of fields that follow each other lie behind each other.
  [[nodiscard]] std::string_view line(std::size_t index) const noexcept;
  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] Iterator end() const noexcept;

  // The first field of this name. Names are compared without regard to case.
  [[nodiscard]] std::optional<std::string_view> find(FieldName name) const noexcept;
  [[nodiscard]] std::size_t count(FieldName name) const noexcept;

  // Of all names and values, and what lies between them.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }

  // What it has allocated.
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return bytes_.capacity() + slots_.capacity() * sizeof(Slot);
  }

  // Of the lines of all fields, however they lie here.
  [[nodiscard]] std::size_t line_bytes_max() const noexcept {
    constexpr std::size_t punctuation = std::string_view{": \r\n"}.size();
    return bytes_.size() + punctuation * slots_.size();
  }

  void add(std::string_view name, std::string_view value);
  void clear() noexcept;  // Keeps its memory for the next message.

  // Replaces all fields by those of `block`, which a parser has found at `slots`: one copy.
  void assign(std::string_view block, std::span<const Slot> slots);

 private:
  std::string bytes_;
  std::vector<Slot> slots_;
  FieldIds known_;  // All that are there: most of what is asked for is not.
};

class Fields::Iterator {
 public:
  Iterator(const Fields& fields, std::size_t at) noexcept : fields_{&fields}, at_{at} {}
  FieldView operator*() const noexcept { return (*fields_)[at_]; }
  Iterator& operator++() noexcept {
    ++at_;
    return *this;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  const Fields* fields_;
  std::size_t at_;
};

inline FieldView Fields::operator[](std::size_t index) const noexcept {
  const Slot& slot = slots_[index];
  return {{{bytes_.data() + slot.name_at, slot.name_bytes}, slot.id},
          {bytes_.data() + slot.value_at, slot.value_bytes}};
}
inline std::string_view Fields::line(std::size_t index) const noexcept {
  const Slot& slot = slots_[index];
  const std::size_t colon = slot.name_at + slot.name_bytes;
  const std::size_t end = slot.value_at + slot.value_bytes;
  const std::string_view all{bytes_};
  const bool is_line =
      slot.value_at == colon + 2 && all.substr(colon, 2) == ": " && all.substr(end, 2) == "\r\n";
  return is_line ? all.substr(slot.name_at, end + 2 - slot.name_at) : std::string_view{};
}
inline Fields::Iterator Fields::begin() const noexcept {
  return {*this, 0};
}
inline Fields::Iterator Fields::end() const noexcept {
  return {*this, size()};
}

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options };

[[nodiscard]] std::string_view to_string(Method method) noexcept;

// How the end of a body is known (RFC 9112 section 6).
enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct BodyFraming {
  Framing kind = Framing::none;
  std::uint64_t length = 0;  // Of Framing::length.

  friend bool operator==(const BodyFraming&, const BodyFraming&) = default;
};

// The head of a request that was found well-formed.
struct RequestHead {
  Method method = Method::get;
  std::string target;          // In origin-form, byte for byte: path and query. "*" for OPTIONS *.
  std::size_t path_bytes = 0;  // How much of the target is path.
  int minor_version = 1;       // HTTP/1.x
  BodyFraming body;
  bool keep_alive = true;  // The client is ready for another exchange on this connection.
  bool expects_continue = false;
  Fields fields;

  [[nodiscard]] std::string_view path() const noexcept {
    return std::string_view{target}.substr(0, path_bytes);
  }
  // What follows the "?", without it. Empty if there is none.
  [[nodiscard]] std::string_view query() const noexcept {
    const std::string_view whole{target};
    return path_bytes < whole.size() ? whole.substr(path_bytes + 1) : std::string_view{};
  }
};

// The head of an upstream's answer that was found well-formed.
struct AnswerHead {
  int status = 0;
  BodyFraming body;
  bool keep_alive = true;  // The connection may carry another exchange when the body has ended.
  Fields fields;
};

}  // namespace relay::http
