#include "net/workers.h"

namespace relay::net {

Workers::Workers(std::size_t threads, std::size_t jobs_max) : jobs_max_{jobs_max} {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() {
  stopping_ = true;
  due_.release(static_cast<std::ptrdiff_t>(threads_.size()));
  threads_.clear();
}

bool Workers::submit(Job job) {
  {
    auto jobs = jobs_.lock();
    if (jobs->size() >= jobs_max_) return false;
    jobs->push_back(std::move(job));
  }
  due_.release();
  return true;
}

void Workers::work() {
  for (;;) {
    due_.acquire();
    if (stopping_) return;
    Job job;
    {
      auto jobs = jobs_.lock();
      job = std::move(jobs->front());
      jobs->pop_front();
    }
    job();
  }
}

}  // namespace relay::net
