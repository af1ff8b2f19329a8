#pragma once

#include <fmt/core.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace relay {

// A credential: wiped when it goes, compared in constant time, printed as "[secret]". Whoever wants
// its text has to say reveal(), which is easy to find in a review.
class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::string&& text) noexcept;  // Wipes what it takes.
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // Valid until the secret is changed, moved or destroyed.
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }

  // Takes as long for a near miss as for a match. The length is not kept from an observer.
  [[nodiscard]] bool matches(std::string_view text) const noexcept;
  friend bool operator==(const Secret& a, const Secret& b) noexcept { return a.matches(b.text_); }

  friend std::ostream& operator<<(std::ostream& out, const Secret& secret);

 private:
  std::string text_;
};

// Overwrites what the text held, and its spare capacity, in a way that no compiler leaves out.
void wipe(std::string& text) noexcept;

}  // namespace relay

template <>
struct fmt::formatter<relay::Secret> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  format_context::iterator format(const relay::Secret& secret, format_context& context) const;
};
