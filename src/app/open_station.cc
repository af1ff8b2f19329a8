#include "app/open_station.h"

#include <utility>

#include "base/log.h"
#include "store/open_store.h"
#include "store/postgres_url.h"

namespace relay::app {
namespace {

bool may_come(const Error& error, const std::string& url) {
  return error.code == ErrorCode::store_unavailable && store::postgres_url(url).has_value();
}

Result<std::unique_ptr<StandIn>> stand_in_for(const Error& why, Config& config,
                                              const Clock& clock) {
  log_warning("the database cannot be reached: waiting for it", {{"error", why.detail}});
  Result<std::unique_ptr<StandIn>> made = StandIn::open(config, clock);
  if (!made) return made;
  config.listen = (*made)->ports().clients;
  config.admin.bind = (*made)->ports().operators;
  return made;
}

}  // namespace

Result<OpenedStation> open_station(Config& config, const StationSecrets& secrets,
                                   const Clock& clock, const OpeningSteps& steps) {
  OpenedStation opened;
  const std::string url = store_url(config);
  for (int refusals = 0;;) {
    Result<std::unique_ptr<Station>> station = Station::open(config, secrets, clock);
    if (station) {
      if (opened.stand_in) log_info("the database can be reached: the relay starts");
      opened.station = *std::move(station);
      return opened;
    }
    if (!may_come(station.error(), url)) return std::unexpected(station.error());
    if (!store::is_away(url)) {
      // It may have come after the first question and before the second, but not twice.
      if (++refusals == 2) return std::unexpected(station.error());
      continue;
    }
    refusals = 0;
    if (!opened.stand_in) {
      Result<std::unique_ptr<StandIn>> made = stand_in_for(station.error(), config, clock);
      if (!made) return std::unexpected(made.error());
      opened.stand_in = *std::move(made);
      steps.waiting(opened.stand_in->ports());
    }
    do {
      if (!steps.pause()) return opened;
    } while (store::is_away(url));
  }
}

}  // namespace relay::app
