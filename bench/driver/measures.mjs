// What is compared between peers, of what the load client measures.
//
//   name       in the results
//   title      for people
//   of(one, direct)  the figure of one round; `direct`: the same round without a proxy
//   isCost     less is better

export const perRequest = [
  {
    name: "cpu_us",
    title: "CPU per request, µs",
    of: (one) => one.cpu_us / one.requests,
    isCost: true,
  },
  {
    name: "rate",
    title: "requests/s",
    of: (one) => one.requests_per_second,
    isCost: false,
  },
];

export const perEvent = [
  {
    name: "cpu_us",
    title: "CPU per event, µs",
    of: (one) => one.cpu_us / one.events,
    isCost: true,
  },
  { name: "rate", title: "events/s", of: (one) => one.events_per_second, isCost: false },
  { name: "event_p99", title: "event p99, µs", of: (one) => one.event_us.p99, isCost: true },
];

export const latency = [
  {
    name: "added_p50",
    title: "added p50, µs",
    of: (one, direct) => one.first_byte_us.p50 - direct.first_byte_us.p50,
    isCost: true,
  },
  {
    name: "added_p99",
    title: "added p99, µs",
    of: (one, direct) => one.first_byte_us.p99 - direct.first_byte_us.p99,
    isCost: true,
  },
  ...perRequest.slice(0, 1),
];

export const memory = [
  {
    name: "kib_each",
    title: "KiB each",
    of: (one) => (one.resident_kib - one.resident_kib_before) / one.connections,
    isCost: true,
  },
  {
    name: "mib_total",
    title: "resident MiB in all",
    of: (one) => one.resident_kib / 1024,
    isCost: true,
  },
];
