#include "http/forwarded.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

namespace relay::http {
namespace {

using Values = std::vector<const char*>;

constexpr const char* unknown = "::";
const Values none;
const Values one = {"10.0.0.1"};
const Values private_nets = {"10.0.0.0/8", "fd00::/8"};
const Values everybody = {"0.0.0.0/0", "::/0"};

struct Row {
  const char* peer;
  Values forwarded_for;
  Values trusted;
  const char* client;
};

std::vector<AddressRange> ranges(const Values& texts) {
  std::vector<AddressRange> all;
  for (const char* text : texts) all.push_back(*parse_address_range(text));
  return all;
}

std::string client_of(const Row& row) {
  Fields fields;
  for (const char* value : row.forwarded_for) fields.add("X-Forwarded-For", value);
  return to_string(client_address(*parse_address(row.peer), fields, ranges(row.trusted)));
}

void expect_clients(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    std::string shown = std::string{"peer "} + row.peer;
    for (const char* value : row.forwarded_for) shown += std::string{" | "} + value;
    EXPECT_EQ(client_of(row), row.client) << shown;
  }
}

TEST(ClientAddress, IsThePeersUnlessThatIsTrusted) {
  expect_clients({
      {"192.0.2.1", {}, none, "192.0.2.1"},
      {"192.0.2.1", {"198.51.100.7"}, none, "192.0.2.1"},
      {"192.0.2.1", {"198.51.100.7"}, one, "192.0.2.1"},
      {"192.0.2.1", {"10.0.0.1"}, one, "192.0.2.1"},
      {"192.0.2.1", {"127.0.0.1"}, private_nets, "192.0.2.1"},
      {"192.0.2.1", {"198.51.100.7, 10.0.0.1"}, private_nets, "192.0.2.1"},
      {"10.0.0.2", {"198.51.100.7"}, one, "10.0.0.2"},
      {"127.0.0.1", {"198.51.100.7"}, one, "127.0.0.1"},
      {"2001:db8::1", {"198.51.100.7"}, private_nets, "2001:db8::1"},
      {"192.0.2.1", {"garbage"}, one, "192.0.2.1"},
      {"::1", {"10.0.0.1"}, private_nets, "::1"},
  });
}

TEST(ClientAddress, IsTheProxysWhereItServesNobody) {
  expect_clients({
      {"10.0.0.1", {}, one, "10.0.0.1"},
      {"fd00::1", {}, private_nets, "fd00::1"},
  });
}

TEST(ClientAddress, IsTheLastHopThatIsNotTrusted) {
  expect_clients({
      {"10.0.0.1", {"198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"203.0.113.5, 198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"127.0.0.1, 198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"10.0.0.1, 198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7, 10.0.0.1"}, one, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7, 10.0.0.2"}, one, "10.0.0.2"},
      {"10.0.0.1", {"198.51.100.7, 10.0.0.2"}, private_nets, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7, 10.0.0.2, 10.9.9.9"}, private_nets, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7, 10.0.0.2, fd00::5"}, private_nets, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7, 192.168.0.1, 10.0.0.2"}, private_nets, "192.168.0.1"},
      {"fd00::1", {"2001:db8::7"}, private_nets, "2001:db8::7"},
      {"fd00::1", {"2001:DB8:0:0::7"}, private_nets, "2001:db8::7"},
      {"10.0.0.1", {"198.51.100.7"}, {"10.0.0.0/31"}, "198.51.100.7"},
      {"10.0.0.2", {"198.51.100.7"}, {"10.0.0.0/31"}, "10.0.0.2"},
  });
}

TEST(ClientAddress, IsTheFirstHopWhereAllAreTrusted) {
  expect_clients({
      {"10.0.0.1", {"10.0.0.7"}, private_nets, "10.0.0.7"},
      {"10.0.0.1", {"10.0.0.7, 10.0.0.2"}, private_nets, "10.0.0.7"},
      {"10.0.0.1", {"198.51.100.7, 203.0.113.5"}, everybody, "198.51.100.7"},
      {"10.0.0.1", {"10.0.0.1"}, one, "10.0.0.1"},
  });
}

TEST(ClientAddress, TakesSeveralFieldsForOneList) {
  expect_clients({
      {"10.0.0.1", {"203.0.113.5", "198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7", "10.0.0.1"}, one, "198.51.100.7"},
      {"10.0.0.1",
       {"203.0.113.5, 198.51.100.7", "10.0.0.2, 10.0.0.3"},
       private_nets,
       "198.51.100.7"},
      {"10.0.0.1", {"garbage", "198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7", "garbage"}, one, unknown},
      {"10.0.0.1", {"198.51.100.7", ""}, one, "198.51.100.7"},
  });
}

TEST(ClientAddress, IsTheSameInEveryWayOfWritingIt) {
  expect_clients({
      {"::ffff:10.0.0.1", {"198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7"}, {"::ffff:10.0.0.1"}, "198.51.100.7"},
      {"10.0.0.1", {"::ffff:198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"::FFFF:198.51.100.7"}, one, "198.51.100.7"},
      {"10.0.0.1", {"::ffff:c633:6407"}, one, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7, ::ffff:10.0.0.2"}, private_nets, "198.51.100.7"},
      {"10.0.0.1", {"198.51.100.7:4711"}, one, "198.51.100.7"},
      {"10.0.0.1", {"[2001:db8::7]:4711"}, one, "2001:db8::7"},
      {"10.0.0.1", {"[2001:db8::7]"}, one, "2001:db8::7"},
      {"10.0.0.1", {"  198.51.100.7 \t"}, one, "198.51.100.7"},
      {"10.0.0.1", {"203.0.113.5,198.51.100.7,"}, one, "198.51.100.7"},
      {"10.0.0.1", {",, 198.51.100.7 , ,"}, one, "198.51.100.7"},
  });
}

// Not the proxy's either: what an address may do, it may not.
TEST(ClientAddress, IsNotKnownWhereATrustedProxySaysWhatNobodyCanRead) {
  std::vector<Row> rows = {
      {"10.0.0.1", {""}, one, unknown},
      {"10.0.0.1", {", ,"}, one, unknown},
      {"10.0.0.1", {"198.51.100.7, garbage"}, one, unknown},
      {"10.0.0.1", {"garbage, 10.0.0.2"}, private_nets, unknown},
      {"10.0.0.1", {"garbage, 198.51.100.7"}, one, "198.51.100.7"},
  };
  for (const char* hop : {"unknown",
                          "_hidden",
                          "localhost",
                          "198.51.100",
                          "198.51.100.256",
                          "198.51.100.07",
                          "0x7f.1",
                          "3325256711",
                          "198.51.100.7:",
                          "198.51.100.7:x",
                          "198.51.100.7:99999",
                          "[198.51.100.7]",
                          "2001:db8::7]:1",
                          "[2001:db8::7",
                          "fe80::1%eth0",
                          "::",
                          "\"198.51.100.7\"",
                          "for=198.51.100.7",
                          "198.51.100.7 203.0.113.5",
                          "198.51.100.7;203.0.113.5",
                          "198.51.100.0/24",
                          "http://198.51.100.7"}) {
    rows.push_back({"10.0.0.1", {hop}, one, unknown});
  }
  expect_clients(rows);
}

TEST(ClientAddress, IsNotSoughtForEver) {
  std::string hops = "198.51.100.7";
  for (std::size_t i = 0; i < limits::forwarded_hops_max; ++i) hops += ", 10.0.0.2";
  EXPECT_EQ(client_of({"10.0.0.1", {hops.c_str()}, private_nets, ""}), unknown);
  hops.resize(hops.size() - std::string_view{", 10.0.0.2"}.size());
  EXPECT_EQ(client_of({"10.0.0.1", {hops.c_str()}, private_nets, ""}), "198.51.100.7");
}

TEST(ClientAddress, IsNeverReadFromAnotherField) {
  for (const char* name : {"X-Real-IP", "Forwarded", "X_Forwarded_For", "True-Client-IP",
                           "CF-Connecting-IP", "X-Client-IP", "X-Forwarded"}) {
    Fields fields;
    fields.add(name, "198.51.100.7");
    EXPECT_EQ(to_string(client_address(*parse_address("10.0.0.1"), fields, ranges(one))),
              "10.0.0.1")
        << name;
  }
}

struct PublicOrigin : testing::Test {
  Fields fields;
  PublicOrigin() { fields.add("Host", "inside:8000"); }
};

TEST_F(PublicOrigin, IsWhatHostSays) {
  EXPECT_EQ(public_origin(fields, false), "http://inside:8000");
  EXPECT_EQ(public_origin(fields, true), "http://inside:8000");
  EXPECT_EQ(public_origin({}, true), "http://localhost");
}

TEST_F(PublicOrigin, IsWhatATrustedProxySays) {
  fields.add("X-Forwarded-Proto", "HTTPS");
  fields.add("X-Forwarded-Host", "relay.example.com");
  EXPECT_EQ(public_origin(fields, true), "https://relay.example.com");
  EXPECT_EQ(public_origin(fields, false), "http://inside:8000");
}

TEST_F(PublicOrigin, IsNotTakenFromWhatIsUnsoundOrThereTwice) {
  fields.add("X-Forwarded-Proto", "javascript");
  fields.add("X-Forwarded-Host", "evil.example/path");
  EXPECT_EQ(public_origin(fields, true), "http://inside:8000");

  fields.add("X-Forwarded-Proto", "https");
  fields.add("X-Forwarded-Host", "relay.example.com");
  EXPECT_EQ(public_origin(fields, true), "http://inside:8000");
}

}  // namespace
}  // namespace relay::http
