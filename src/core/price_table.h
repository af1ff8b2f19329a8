#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/price.h"

namespace relay::core {

// What becomes of a model without a price, where it matters to a key with a limit in dollars. It is
// flagged and counted in any case.
struct UnpricedPolicy {
  bool blocks = false;   // Such a key may not ask for it.
  std::string as_model;  // It is charged like this one; empty: it adds nothing to the cost.

  friend bool operator==(const UnpricedPolicy&, const UnpricedPolicy&) = default;
};

struct PriceFault {
  std::size_t row = 0;  // Which of the rows; as many as there are: none in particular.
  std::string message;
};

// Reckons by one price. Refers to the table that made it.
class PriceQuote {
 public:
  PriceQuote() = default;  // Of a model without a price.

  // What is written to the ledger. Nothing to pay is not unpriced.
  struct Charge {
    NanoUsd cost = 0;
    std::uint32_t price_version = 0;
    bool is_unpriced = false;

    friend bool operator==(const Charge&, const Charge&) = default;
  };
  [[nodiscard]] Charge charge(const Usage& usage, const ServiceTerms& terms) const noexcept;

  // Whether the model itself has a price: false also where another one's stands in.
  [[nodiscard]] bool is_known() const noexcept { return is_known_; }

 private:
  friend class PriceTable;
  PriceQuote(const PriceRow& row, std::uint32_t version, bool is_known) noexcept
      : row_{&row}, version_{version}, is_known_{is_known} {}

  const PriceRow* row_ = nullptr;
  std::uint32_t version_ = 0;
  bool is_known_ = false;
};

// All prices at one moment. Immutable, shared by all threads.
class PriceTable {
 public:
  PriceTable() = default;  // Without any.
  PriceTable(const PriceTable&) = delete;
  PriceTable& operator=(const PriceTable&) = delete;

  // Rows of one origin must not be for the same model at the same time; of different origins the
  // later one prevails for as long as it holds.
  static std::expected<std::shared_ptr<const PriceTable>, PriceFault> make(
      std::vector<PriceRow> rows, UnpricedPolicy unpriced = {});

  // The row that holds for a model at an instant. Null: it has no price. No allocation.
  [[nodiscard]] const PriceRow* find(std::string_view model, WallTime at) const noexcept;

  // The same as something to reckon by; of a model without a price, as the policy says.
  [[nodiscard]] PriceQuote quote(std::string_view model, WallTime at) const noexcept;

  // The id under which the table knows a model, without date and "[1m]". Empty: not at all.
  [[nodiscard]] std::string_view known_id(std::string_view model) const noexcept;

  [[nodiscard]] const std::vector<PriceRow>& rows() const noexcept { return rows_; }
  [[nodiscard]] const UnpricedPolicy& unpriced() const noexcept { return unpriced_; }

 private:
  struct Place {
    std::string_view model;
    std::size_t row;
    std::uint32_t version;
  };
  [[nodiscard]] const Place* place_of(std::string_view model, WallTime at) const noexcept;
  [[nodiscard]] const Place* exact_place_of(std::string_view id, WallTime at) const noexcept;
  [[nodiscard]] std::span<const Place> places_of(std::string_view id) const noexcept;
  [[nodiscard]] std::optional<PriceFault> index();

  std::vector<PriceRow> rows_;
  UnpricedPolicy unpriced_;
  std::vector<Place> places_;  // By model; of one model, by what prevails.
  std::unordered_map<std::string_view, std::span<const Place>> by_model_;
};

// The prices as they are now: a table that is replaced whole. Thread-safe.
class PriceBook {
 public:
  PriceBook() : table_{std::make_shared<const PriceTable>()} {}
  explicit PriceBook(std::shared_ptr<const PriceTable> table) : table_{std::move(table)} {}

  void replace(std::shared_ptr<const PriceTable> table) { table_.store(std::move(table)); }
  [[nodiscard]] std::shared_ptr<const PriceTable> snapshot() const { return table_.load(); }

 private:
  std::atomic<std::shared_ptr<const PriceTable>> table_;
};

}  // namespace relay::core
