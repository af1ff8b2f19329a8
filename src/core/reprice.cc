#include "core/reprice.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <tuple>
#include <vector>

#include "base/limits.h"

namespace relay::core {
namespace {

using AttemptHalf = std::array<std::uint8_t, 8>;

AttemptHalf half_of(const AttemptId& id) noexcept {
  AttemptHalf half;
  std::copy_n(id.bytes.begin(), half.size(), half.begin());
  return half;
}

// What an exchange and its corrections have in common. The first half of the attempt's id is mostly
// time, so those of one millisecond share it now and then, as an exchange and its advisor do.
struct Corrected {
  explicit Corrected(const LedgerEntry& entry) noexcept
      : attempt{half_of(entry.attempt)},
        request{entry.request},
        endpoint{entry.endpoint},
        model{entry.model},
        served_model{entry.served_model} {}

  friend bool operator<(const Corrected& a, const Corrected& b) noexcept {
    const auto members = [](const Corrected& of) {
      return std::tuple{of.attempt, of.request.view(), of.endpoint, of.model.view(),
                        of.served_model.view()};
    };
    return members(a) < members(b);
  }

  AttemptHalf attempt;
  decltype(LedgerEntry::request) request;
  Endpoint endpoint;
  decltype(LedgerEntry::model) model;
  decltype(LedgerEntry::served_model) served_model;
};

AttemptId correction_id(const AttemptId& corrected, std::uint32_t version, std::uint32_t number) {
  std::array<std::uint8_t, 24> name = {};
  std::ranges::copy(corrected.bytes, name.begin());
  std::memcpy(&name[16], &version, sizeof version);
  std::memcpy(&name[20], &number, sizeof number);
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(name.data(), name.size(), digest.data());
  AttemptId id = corrected;
  std::copy_n(digest.begin(), half_of(id).size(), id.bytes.begin() + half_of(id).size());
  return id;
}

// The corrections of one exchange so far.
struct Corrections {
  Usage usage;
  NanoUsd cost = 0;
  std::uint32_t count = 0;
  bool gave_price = false;

  Corrections& operator+=(const LedgerEntry& correction) noexcept {
    usage += correction.usage;
    cost += correction.cost;
    count += 1;
    gave_price |= correction.is_unpriced;
    return *this;
  }
};

// Walks the exchanges of a range, the last ones first: corrections come before what they correct,
// and what is appended meanwhile is behind us.
class Repricing {
 public:
  Repricing(Store& store, const PriceTable& prices, bool is_dry_run, const CorrectionsTaken& taken)
      : store_{store}, prices_{prices}, is_dry_run_{is_dry_run}, taken_{taken} {}

  Result<RepriceReport> run(const RepriceRequest& request) {
    const LedgerFilter filter{.from = request.from, .to = request.to};
    PageRequest at{.after = request.after, .rows_max = limits::reprice_page_rows};
    std::size_t lines = 0;
    do {
      const Result<Page<LedgerRow>> page = store_.page_of_ledger(filter, at);
      if (!page) return std::unexpected(page.error());
      for (const LedgerRow& row : page->rows) take(row.entry);
      const Result<void> appended = append();
      if (!appended) return std::unexpected(appended.error());
      at.after = page->next;
      lines += page->rows.size();
    } while (!at.after.empty() && !may_stop(lines, request));
    report_.next = at.after;
    return report_;
  }

 private:
  // Not between a correction and its exchange: who goes on knows nothing of us.
  [[nodiscard]] bool may_stop(std::size_t lines, const RepriceRequest& request) const {
    return request.lines_max != 0 && lines >= request.lines_max && corrections_.empty();
  }

  void take(const LedgerEntry& entry) {
    if (entry.delivery == Delivery::refused) return;
    if (entry.started != now_at_) corrections_.clear();  // What they corrected is gone.
    now_at_ = entry.started;
    if (entry.delivery == Delivery::adjusted) {
      corrections_[Corrected{entry}] += entry;
      return;
    }
    const auto known = corrections_.find(Corrected{entry});
    correct(entry, known == corrections_.end() ? Corrections{} : known->second);
    if (known != corrections_.end()) corrections_.erase(known);
  }

  void correct(const LedgerEntry& entry, const Corrections& so_far) {
    const bool is_unpriced = entry.is_unpriced && !so_far.gave_price;
    const NanoUsd cost = entry.cost + so_far.cost;
    Usage usage = entry.usage;
    usage += so_far.usage;
    const auto& model = entry.served_model.empty() ? entry.model.view() : entry.served_model.view();
    const PriceQuote::Charge charge =
        prices_.quote(model, entry.started).charge(usage, entry.terms);
    report_.exchanges += 1;
    report_.before += cost;
    report_.unpriced += charge.is_unpriced ? 1 : 0;
    const bool has_price = charge.price_version != 0 || !charge.is_unpriced;
    report_.after += has_price ? charge.cost : cost;
    const bool gets_price = is_unpriced && !charge.is_unpriced;
    if (!has_price || (charge.cost == cost && !gets_price)) return;

    report_.corrected += 1;
    LedgerEntry& correction = corrections_made_.emplace_back(entry);
    correction.attempt = correction_id(entry.attempt, charge.price_version, so_far.count);
    correction.delivery = Delivery::adjusted;
    correction.usage = {};
    correction.cost = charge.cost - cost;
    correction.price_version = charge.price_version;
    correction.is_unpriced = gets_price;
  }

  Result<void> append() {
    const std::vector<LedgerEntry> made = std::exchange(corrections_made_, {});
    if (made.empty() || is_dry_run_) return {};
    const Result<void> appended = store_.append(made, {});
    if (appended && taken_) taken_(made);
    return appended;
  }

  Store& store_;
  const PriceTable& prices_;
  const bool is_dry_run_;
  const CorrectionsTaken& taken_;
  RepriceReport report_;
  WallTime now_at_{};
  std::map<Corrected, Corrections> corrections_;  // Of this moment, without their exchanges yet.
  std::vector<LedgerEntry> corrections_made_;
};

}  // namespace

Result<RepriceReport> reprice(Store& store, const PriceTable& prices, const RepriceRequest& request,
                              const CorrectionsTaken& taken) {
  return Repricing{store, prices, request.is_dry_run, taken}.run(request);
}

}  // namespace relay::core
