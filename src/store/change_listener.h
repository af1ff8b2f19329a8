#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "store/file.h"

namespace relay::store {

// Hears from a PostgreSQL database when an operator changed keys, tiers, tokens or settings, be it
// through another relay.
//
// A thread of its own holds a connection and makes it again, as soon as it can, when it breaks.
// What happened in between nobody can tell, so every new connection counts as a change.
class ChangeListener {
 public:
  // Called by that thread with the name of the table that was changed; empty: any may have been. It
  // may use the store.
  using Changed = std::function<void(const std::string& table)>;

  ChangeListener(std::string url, Changed changed);
  ChangeListener(const ChangeListener&) = delete;
  ChangeListener& operator=(const ChangeListener&) = delete;
  ~ChangeListener();  // Waits for a call that is under way.

 private:
  void run(const std::stop_token& stopping);
  Result<void> listen(const std::stop_token& stopping);

  const std::string url_;
  const Changed changed_;
  File wake_;
  std::jthread thread_;
};

}  // namespace relay::store
