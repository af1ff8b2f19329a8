// What a process that is killed leaves behind of the exchanges that were running.
#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

struct ProgressMarkTest : ExchangeTest {
  // How often an answer was marked that has come so far.
  int marks_of(std::initializer_list<Step> steps) {
    upstream_streams(steps);
    Task<void> exchange = serve(context, client);
    exchange.start();
    EXPECT_FALSE(exchange.done());
    return ledger.marks - of_question;
  }
  static constexpr int of_question = 1;
};

TEST_F(ProgressMarkTest, MarksWhatTheUpstreamReports) {
  EXPECT_EQ(marks_of({start, Stall{}}), 1);
  EXPECT_EQ(ledger.marked.input, 25);
}

TEST_F(ProgressMarkTest, MarksEachReport) {
  EXPECT_EQ(marks_of({start, delta, finish, Stall{}}), 2);
  EXPECT_EQ(ledger.marked.output, 15);
}

TEST_F(ProgressMarkTest, LeavesALittleTextToTheNextMark) {
  EXPECT_EQ(marks_of({start, delta, delta, delta, Stall{}}), 1);
}

TEST_F(ProgressMarkTest, MarksMuchText) {
  std::string deltas;
  while (deltas.size() < limits::progress_mark_bytes) deltas += delta;
  EXPECT_EQ(marks_of({start, deltas, Stall{}}), 2);
  EXPECT_GE(ledger.marked.output, 100);
}

TEST_F(ProgressMarkTest, MarksALittleTextInTime) {
  EXPECT_EQ(marks_of({start, Silence{}, delta, Stall{}}), 2);
}

}  // namespace
}  // namespace relay::exchange
