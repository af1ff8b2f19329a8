#include "load_client/measurement.h"

#include <fmt/format.h>

namespace relay::bench {
namespace {

constexpr double nanos_per_microsecond = 1e3;

std::string delays(const Histogram& histogram) {
  return fmt::format(R"({{"p50":{:.1f},"p99":{:.1f},"mean":{:.1f}}})",
                     histogram.quantile(0.50) / nanos_per_microsecond,
                     histogram.quantile(0.99) / nanos_per_microsecond,
                     histogram.mean() / nanos_per_microsecond);
}

}  // namespace

void Measurement::plan(Nanos now, Nanos warmup, Nanos length) noexcept {
  opens_ = now + warmup;
  length_ = length;
}

bool Measurement::is_over(Nanos now) {
  if (opens_ == 0 || now < opens_) return false;
  if (opened_ == 0) {
    cpu_before_ = watched_.cpu();
    opened_ = monotonic_now();
    ends_ = opened_ + length_;
    return false;
  }
  if (now < ends_) return false;
  cpu_after_ = watched_.cpu();
  resident_kib_ = watched_.resident_kib();
  ends_ = now;
  return true;
}

std::string Measurement::report() const {
  const double seconds =
      static_cast<double>(ends_ - opened_) / static_cast<double>(nanos_per_second);
  return fmt::format(
      R"({{"seconds":{:.3f},"requests":{},"requests_per_second":{:.1f},"events":{},)"
      R"("events_per_second":{:.1f},"bytes":{},"errors":{},"cpu_us":{:.1f},"resident_kib":{},)"
      R"("first_byte_us":{},"whole_us":{},"event_us":{}}})",
      seconds, whole_.count(), static_cast<double>(whole_.count()) / seconds, event_.count(),
      static_cast<double>(event_.count()) / seconds, bytes_, errors_,
      static_cast<double>(cpu_after_ - cpu_before_) / nanos_per_microsecond, resident_kib_,
      delays(first_byte_), delays(whole_), delays(event_));
}

}  // namespace relay::bench
