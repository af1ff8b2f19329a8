#include "base/metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "base/limits.h"
#include "base/process_metrics.h"

namespace relay {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Metrics, ShowsCountersWithTheirLabels) {
  Metrics metrics;
  MetricFamily<Counter>& requests =
      metrics.counters({"relay_requests_total", "Requests.", {"endpoint", "code"}});
  requests.with({"messages", "200"}).add(2);
  requests.with({"messages", "429"}).add();
  requests.with({"messages", "200"}).add();
  EXPECT_EQ(metrics.text(),
            "# HELP relay_requests_total Requests.\n"
            "# TYPE relay_requests_total counter\n"
            "relay_requests_total{endpoint=\"messages\",code=\"200\"} 3\n"
            "relay_requests_total{endpoint=\"messages\",code=\"429\"} 1\n");
}

TEST(Metrics, ShowsGaugesWithoutLabels) {
  Metrics metrics;
  Gauge& in_flight = metrics.gauges({"in_flight", "Now."}).with();
  in_flight.add(3);
  in_flight.add(-5);
  EXPECT_THAT(metrics.text(), HasSubstr("\nin_flight -2\n"));
}

TEST(Metrics, ShowsCountersInTheirUnit) {
  Metrics metrics;
  metrics.counters({.name = "cost_usd_total", .help = "Cost.", .unit = 1e-9}).with().add(1'500'000);
  EXPECT_THAT(metrics.text(), HasSubstr("\ncost_usd_total 0.0015\n"));
}

TEST(Metrics, CumulatesTheBucketsOfAHistogram) {
  Metrics metrics;
  Histogram& seconds =
      metrics.histograms({"d_seconds", "Took.", {"stream"}}, {50ms, 1s, 10s}).with({"true"});
  for (const auto took : {0ms, 50ms, 51ms, 1'000ms, 60'000ms}) seconds.observe(took);
  seconds.observe(-1s);
  EXPECT_EQ(metrics.text(),
            "# HELP d_seconds Took.\n"
            "# TYPE d_seconds histogram\n"
            "d_seconds_bucket{stream=\"true\",le=\"0.05\"} 3\n"
            "d_seconds_bucket{stream=\"true\",le=\"1\"} 5\n"
            "d_seconds_bucket{stream=\"true\",le=\"10\"} 5\n"
            "d_seconds_bucket{stream=\"true\",le=\"+Inf\"} 6\n"
            "d_seconds_sum{stream=\"true\"} 61.101\n"
            "d_seconds_count{stream=\"true\"} 6\n");
}

TEST(Metrics, EscapesLabelValues) {
  Metrics metrics;
  metrics.counters({"c", "C.", {"model"}}).with({"a\"b\\c\nd\xff\u4e2d"}).add();
  EXPECT_THAT(metrics.text(), HasSubstr("c{model=\"a\\\"b\\\\c\\nd\ufffd\u4e2d\"} 1\n"));
}

TEST(Metrics, AsksCallbacksAtEveryScrape) {
  Metrics metrics;
  double ratio = 0.25;
  metrics.on_scrape({"token_quota_usage_ratio", "Used.", {"key_id", "key_name"}}, MetricType::gauge,
                    [&](MetricSamples& samples) {
                      samples.add({"k1", "alice"}, ratio);
                    });
  EXPECT_THAT(metrics.text(), HasSubstr("{key_id=\"k1\",key_name=\"alice\"} 0.25\n"));
  ratio = std::numeric_limits<double>::infinity();
  EXPECT_THAT(metrics.text(), HasSubstr("{key_id=\"k1\",key_name=\"alice\"} +Inf\n"));
}

TEST(Metrics, HasABoundedNumberOfSeriesWhateverTheModelIs) {
  Metrics metrics;
  MetricFamily<Counter>& tokens = metrics.counters({.name = "tokens_used_total",
                                                    .help = "T.",
                                                    .labels = {"model", "type"},
                                                    .open_label = "model"});
  for (std::size_t i = 0; i < 2 * limits::metrics_series_max; ++i) {
    tokens.with({fmt::format("model-{}", i), "input"}).add();
  }
  EXPECT_EQ(tokens.with({"other", "input"}).value(), limits::metrics_series_max);
  EXPECT_EQ(&tokens.with({"one more", "input"}), &tokens.with({"other", "input"}));
  EXPECT_EQ(tokens.with({"model-0", "input"}).value(), 1U);
}

TEST(Metrics, StillCountsClosedSetsWhenItIsFull) {
  Metrics metrics;
  MetricFamily<Counter>& open =
      metrics.counters({.name = "a", .help = "A.", .labels = {"m"}, .open_label = "m"});
  for (std::size_t i = 0; i < limits::metrics_series_max; ++i) {
    open.with({fmt::format("{}", i)}).add();
  }
  metrics.counters({"b", "B.", {"reason"}}).with({"rate"}).add();
  EXPECT_THAT(metrics.text(), HasSubstr("b{reason=\"rate\"} 1\n"));
}

TEST(SeriesCache, AsksForTheSeriesOfAKeyOnce) {
  Metrics metrics;
  MetricFamily<Counter>& family = metrics.counters({"c", "C.", {"code"}});
  SeriesCache<int, Counter> cache;
  int asked = 0;
  const auto of = [&](int code) -> Counter& {
    return cache.at(code, [&]() -> Counter& {
      ++asked;
      return family.with({fmt::format("{}", code)});
    });
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(&of(200), &family.with({"200"}));
    EXPECT_EQ(&of(429), &family.with({"429"}));
  }
  EXPECT_EQ(asked, 2);
}

TEST(SeriesCache, StaysSmallWhateverItIsAskedFor) {
  Metrics metrics;
  MetricFamily<Counter>& family = metrics.counters({"c", "C.", {"code"}});
  SeriesCache<int, Counter> cache;
  for (int code = 0; code < 1'000; ++code) {
    cache.at(code, [&]() -> Counter& { return family.with({fmt::format("{}", code)}); }).add();
  }
  for (int code = 0; code < 1'000; ++code) {
    EXPECT_EQ(family.with({fmt::format("{}", code)}).value(), 1U);
  }
}

TEST(Metrics, LosesNoCountOfManyThreads) {
  Metrics metrics;
  MetricFamily<Counter>& family = metrics.counters({"c", "C.", {"code"}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&family] {
      SeriesCache<bool, Counter> cache;
      for (int i = 0; i < 10'000; ++i) {
        const bool is_fine = i % 2 == 0;
        cache.at(is_fine, [&]() -> Counter& { return family.with({is_fine ? "200" : "429"}); })
            .add();
      }
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(metrics.text().empty());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(family.with({"200"}).value(), 20'000U);
  EXPECT_EQ(family.with({"429"}).value(), 20'000U);
}

TEST(ProcessMetrics, KnowsThisProcess) {
  Metrics metrics;
  const SystemClock clock;
  add_process_metrics(metrics, clock);
  const std::string text = metrics.text();
  for (const char* name : {"process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                           "process_resident_memory_bytes", "process_start_time_seconds"}) {
    EXPECT_THAT(text, HasSubstr(fmt::format("\n{} ", name)));
  }
  EXPECT_EQ(text.find("process_open_fds 0\n"), std::string::npos);
}

}  // namespace
}  // namespace relay
