#include "net/connection_gate.h"

#include <gtest/gtest.h>

#include <vector>

namespace relay::net {
namespace {

Address v4(std::uint8_t last) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last}};
}
Address v6(std::uint8_t network, std::uint8_t host) {
  return {{0x20, 1, 0xd, 0xb8, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, host}};
}

TEST(ConnectionGate, AdmitsSoManyFromOneAddress) {
  ConnectionGate gate{{.connections_max = 10, .per_address_max = 2}};
  const auto first = gate.admit(v4(1));
  std::optional<ConnectionGate::Pass> second{gate.admit(v4(1))};
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(gate.admit(v4(1)));
  EXPECT_EQ(gate.open(), 2u);
  second.reset();
  EXPECT_TRUE(gate.admit(v4(1)));
}

TEST(ConnectionGate, CountsAnIPv6NetworkAsOneAddress) {
  ConnectionGate gate{{.connections_max = 10, .per_address_max = 1}};
  const auto pass = gate.admit(v6(1, 1));
  EXPECT_TRUE(pass);
  EXPECT_FALSE(gate.admit(v6(1, 2)));
}

TEST(ConnectionGate, DoesNotCountAgainstItsAddressWhatHasProvenItself) {
  ConnectionGate gate{{.connections_max = 3, .per_address_max = 1}};
  auto first = gate.admit(v4(1));
  first->prove();
  first->prove();
  const auto second = gate.admit(v4(1));
  EXPECT_TRUE(second);
  EXPECT_FALSE(gate.admit(v4(1)));
}

TEST(ConnectionGate, AdmitsSoManyInAll) {
  ConnectionGate gate{{.connections_max = 3, .per_address_max = 3}};
  std::vector<ConnectionGate::Pass> passes;
  for (std::uint8_t i = 0; i < 3; ++i) passes.push_back(std::move(*gate.admit(v4(i))));
  EXPECT_FALSE(gate.admit(v4(9)));
  passes.clear();
  EXPECT_EQ(gate.open(), 0u);
}

}  // namespace
}  // namespace relay::net
