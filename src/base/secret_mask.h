#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/word_finder.h"

namespace relay {

// Takes credentials out of text that is about to leave the process: those it was told of and tokens
// of ours, wherever they stand, and what looks like one ("sk-...", "Bearer ...", a JWT) where a
// word begins. The text may be escaped as in JSON.
//
// Not thread-safe while secrets are added.
class SecretMask {
 public:
  SecretMask();

  // Secrets of fewer than limits::masked_secret_bytes_min bytes are ignored: they would take
  // ordinary words with them.
  void add(const Secret& secret);

  // Whether something may have to be taken out: a prefix alone says so, too.
  [[nodiscard]] bool is_needed(std::string_view text) const noexcept;

  // Text without a credential is left as it is, and costs no allocation.
  void apply(std::string& text) const;

 private:
  void add_form(Secret secret);

  std::vector<Secret> secrets_;  // Each as it is, and as JSON would escape it.
  WordFinder finder_;            // Of all that is looked for.
};

}  // namespace relay
