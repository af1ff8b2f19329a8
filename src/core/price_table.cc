#include "core/price_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/words.h"

namespace relay::core {
namespace {

constexpr std::string_view long_context = "[1m]";

std::string_view without_long_context(std::string_view model) noexcept {
  if (model.ends_with(long_context)) model.remove_suffix(long_context.size());
  return model;
}

// "claude-sonnet-4-5-20250929" is a snapshot of claude-sonnet-4-5.
std::string_view without_date(std::string_view model) noexcept {
  constexpr std::size_t digits = 8;
  if (model.size() <= digits + 1) return model;
  const std::string_view date = model.substr(model.size() - digits);
  const bool has_date = model[model.size() - digits - 1] == '-' &&
                        std::ranges::all_of(date, [](char c) { return c >= '0' && c <= '9'; });
  return has_date ? model.substr(0, model.size() - digits - 1) : model;
}

bool overlap(const PriceRow& a, const PriceRow& b) noexcept {
  const auto begins_before_end = [](const PriceRow& begins, const PriceRow& ends) {
    return !begins.valid_from || !ends.valid_to || *begins.valid_from < *ends.valid_to;
  };
  return begins_before_end(a, b) && begins_before_end(b, a);
}

bool is_nothing(const Usage& usage) noexcept {
  return usage.total() == 0 && usage.web_searches == 0;
}

}  // namespace

PriceQuote::Charge PriceQuote::charge(const Usage& usage,
                                      const ServiceTerms& terms) const noexcept {
  if (is_nothing(usage)) return {};
  if (row_ == nullptr) return {.is_unpriced = true};
  return {.cost = cost_of(usage, terms, *row_),
          .price_version = version_,
          .is_unpriced = !is_known_ || !prices_all_of(usage, terms, *row_)};
}

std::expected<std::shared_ptr<const PriceTable>, PriceFault> PriceTable::make(
    std::vector<PriceRow> rows, UnpricedPolicy unpriced) {
  const auto table = std::make_shared<PriceTable>();
  table->rows_ = std::move(rows);
  table->unpriced_ = std::move(unpriced);
  if (auto fault = table->index()) return std::unexpected(*std::move(fault));
  return table;
}

std::optional<PriceFault> PriceTable::index() {
  for (const PriceOrigin origin : {PriceOrigin::embedded, PriceOrigin::file, PriceOrigin::stored}) {
    const auto count = std::ranges::count(rows_, origin, &PriceRow::origin);
    if (std::cmp_greater(count, limits::price_rows_max)) {
      return PriceFault{rows_.size(), fmt::format("more than {} {} rows", limits::price_rows_max,
                                                  to_string(origin))};
    }
  }
  for (std::size_t at = 0; at < rows_.size(); ++at) {
    if (std::string fault = fault_in(rows_[at]); !fault.empty()) return PriceFault{at, fault};
    const std::uint32_t version = price_version(rows_[at]);
    for (const std::string& model : rows_[at].models) places_.push_back({model, at, version});
  }
  std::ranges::sort(places_, [this](const Place& a, const Place& b) {
    if (a.model != b.model) return a.model < b.model;
    if (rows_[a.row].origin != rows_[b.row].origin)
      return rows_[a.row].origin > rows_[b.row].origin;
    return a.row < b.row;
  });
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const PriceRow& row = rows_[places_[i].row];
    for (std::size_t j = i + 1; j < places_.size() && places_[j].model == places_[i].model; ++j) {
      const PriceRow& other = rows_[places_[j].row];
      if (row.origin != other.origin || !overlap(row, other)) continue;
      return PriceFault{std::max(places_[i].row, places_[j].row),
                        fmt::format("{} has another price at the same time", places_[i].model)};
    }
  }
  for (auto first = places_.begin(); first != places_.end();) {
    const auto end = std::ranges::find_if(
        first, places_.end(), [first](const Place& place) { return place.model != first->model; });
    by_model_.emplace(first->model, std::span{first, end});
    first = end;
  }
  if (!unpriced_.as_model.empty() && known_id(unpriced_.as_model).empty()) {
    return PriceFault{rows_.size(),
                      fmt::format("unpriced models cannot be charged as {}: it has no price",
                                  unpriced_.as_model)};
  }
  return {};
}

std::span<const PriceTable::Place> PriceTable::places_of(std::string_view id) const noexcept {
  const auto found = by_model_.find(id);
  return found == by_model_.end() ? std::span<const Place>{} : found->second;
}

const PriceTable::Place* PriceTable::exact_place_of(std::string_view id,
                                                    WallTime at) const noexcept {
  for (const Place& place : places_of(id)) {
    if (rows_[place.row].holds_at(at)) return &place;
  }
  return nullptr;
}

const PriceTable::Place* PriceTable::place_of(std::string_view model, WallTime at) const noexcept {
  const std::string_view id = without_long_context(model);
  if (const Place* const exact = exact_place_of(id, at)) return exact;
  return exact_place_of(without_date(id), at);
}

const PriceRow* PriceTable::find(std::string_view model, WallTime at) const noexcept {
  const Place* const place = place_of(model, at);
  return place == nullptr ? nullptr : &rows_[place->row];
}

PriceQuote PriceTable::quote(std::string_view model, WallTime at) const noexcept {
  const Place* place = place_of(model, at);
  const bool is_known = place != nullptr;
  if (!is_known && !unpriced_.as_model.empty()) place = place_of(unpriced_.as_model, at);
  if (place == nullptr) return {};
  return {rows_[place->row], place->version, is_known};
}

std::string_view PriceTable::known_id(std::string_view model) const noexcept {
  for (const std::string_view id :
       {without_date(without_long_context(model)), without_long_context(model)}) {
    const std::span<const Place> found = places_of(id);
    if (!found.empty()) return found.front().model;
  }
  return {};
}

}  // namespace relay::core
