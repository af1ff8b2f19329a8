#include "app/price_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "app/read_file.h"
#include "app/suggest.h"
#include "base/limits.h"
#include "core/price_table.h"
#include "core/price_text.h"

namespace relay::app {
namespace {

using core::PriceRow;

class PriceReader {
 public:
  PriceReader(const std::string& file, core::PriceOrigin origin, PriceRows& all, Problems& problems)
      : file_{file}, origin_{origin}, all_{all}, problems_{problems} {}

  void read(const YAML::Node& root) {
    if (!root.IsMap()) return fail(root, "expected a mapping with `prices`");
    const std::vector<std::string> known = {"prices"};
    each_entry(root, "the file", known,
               [this](const std::string&, const YAML::Node& rows) { read_rows(rows); });
  }

 private:
  [[nodiscard]] std::string place(const YAML::Mark& mark) const {
    return mark.is_null() ? file_ : fmt::format("{}:{}:{}", file_, mark.line + 1, mark.column + 1);
  }

  void fail(const YAML::Node& at, std::string message) {
    problems_.push_back({place(at.Mark()), std::move(message)});
  }

  // Gives every entry of a mapping to `take`; what is not a known name, or is there twice, is a
  // problem.
  template <typename Take>
  void each_entry(const YAML::Node& node, const std::string& owner,
                  const std::vector<std::string>& known, Take take) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::ranges::find(known, name) == known.end()) {
        fail(entry.first,
             fmt::format("unknown key '{}' in {}{}", name, owner, suggestion(name, known)));
      } else if (!seen.insert(name).second) {
        fail(entry.first, fmt::format("{} is there twice", name));
      } else {
        take(name, entry.second);
      }
    }
  }

  void read_rows(const YAML::Node& rows) {
    if (rows.IsNull()) return;
    if (!rows.IsSequence()) return fail(rows, "prices: expected a list");
    if (rows.size() > limits::price_rows_max) {
      return fail(rows, fmt::format("prices: more than {}", limits::price_rows_max));
    }
    for (const YAML::Node& row : rows) read_row(row);
  }

  void read_row(const YAML::Node& node) {
    if (!node.IsMap()) return fail(node, "expected a price: a mapping with models and rates");
    const std::size_t problems_before = problems_.size();
    PriceRow row;
    row.origin = origin_;
    each_entry(node, "a price", core::price_member_names(""),
               [&](const std::string& name, const YAML::Node& value) {
                 if (name == "models") return read_models(value, row);
                 read_member(name, value, row);
               });
    const bool is_read = problems_.size() == problems_before;
    if (std::string fault = core::fault_in(row); is_read && !fault.empty()) fail(node, fault);
    if (problems_.size() != problems_before) return;
    all_.rows.push_back(std::move(row));
    all_.places.push_back(place(node.Mark()));
  }

  void read_models(const YAML::Node& value, PriceRow& row) {
    if (!value.IsSequence()) return read_scalar("models", value, row);
    if (value.size() > limits::price_models_max) {
      return fail(value, fmt::format("models: more than {}", limits::price_models_max));
    }
    for (const YAML::Node& model : value) read_scalar("models", model, row);
  }

  void read_member(const std::string& name, const YAML::Node& value, PriceRow& row) {
    const bool has_members = name == "long_prompt" || name == "fast";
    if (!value.IsMap() || !has_members) return read_scalar(name, value, row);
    each_entry(value, name, core::price_member_names(name),
               [&](const std::string& member, const YAML::Node& text) {
                 read_scalar(name + "." + member, text, row);
               });
  }

  void read_scalar(const std::string& path, const YAML::Node& value, PriceRow& row) {
    if (!core::is_price_member(path)) return fail(value, path + ": expected a mapping");
    if (!value.IsScalar()) return fail(value, path + ": expected one value");
    const auto done = core::set_price_member(row, path, value.Scalar());
    if (!done) fail(value, fmt::format("{}: {}", path, done.error()));
  }

  const std::string& file_;
  const core::PriceOrigin origin_;
  PriceRows& all_;
  Problems& problems_;
};

}  // namespace

void read_price_file(const std::string& file, const std::string& text, core::PriceOrigin origin,
                     PriceRows& all, Problems& problems) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      problems.push_back({file, "expected one document, not several"});
    } else if (!documents.empty() && !documents.front().IsNull()) {
      PriceReader{file, origin, all, problems}.read(documents.front());
    }
  } catch (const YAML::Exception& error) {
    const std::string place =
        error.mark.is_null()
            ? file
            : fmt::format("{}:{}:{}", file, error.mark.line + 1, error.mark.column + 1);
    problems.push_back({place, error.msg});
  }
}

void load_prices(Config& config, Problems& problems) {
  PriceRows all;
  read_price_file("prices.yaml", std::string{embedded_prices()}, core::PriceOrigin::embedded, all,
                  problems);
  const std::string& file = config.prices.file;
  if (!file.empty()) {
    const auto text = read_file(file, limits::config_file_bytes_max);
    if (!text) return problems.push_back({file, text.error()});
    read_price_file(file, *text, core::PriceOrigin::file, all, problems);
  }
  const auto table = core::PriceTable::make(all.rows, config.prices.unpriced);
  if (table) {
    config.prices.rows = std::move(all.rows);
    return;
  }
  const core::PriceFault& fault = table.error();
  const bool is_in_row = fault.row < all.places.size();
  problems.push_back({is_in_row ? all.places[fault.row] : "prices", fault.message});
}

}  // namespace relay::app
