// Lines of program order are taken over only by those who know all that was done on them.

#include "core/identity.h"

#include <gtest/gtest.h>

namespace {

using csp::race::agent_at;
using csp::race::AgentRecord;
using csp::race::Epoch;
using csp::race::return_identity;
using csp::race::take_identity;
using csp::race::Tid;
using csp::race::VectorClock;

// Creators no real agent of this process has, each test its own: lines are filed by creator.
constexpr Tid kCreator{1'000'001};
constexpr Tid kOtherCreator{1'000'002};

TEST(Identity, IsTakenOverByWhoKnowsItsEnd) {
  AgentRecord first;
  AgentRecord second;
  VectorClock known;
  const Epoch start = take_identity(kCreator, known, &first);
  const Epoch last{start.tid, start.clock + 5};
  return_identity(kCreator, last);
  known.raise(last);
  const Epoch next = take_identity(kCreator, known, &second);
  EXPECT_EQ(next.tid, start.tid);
  EXPECT_GT(next.clock, last.clock);
  EXPECT_EQ(agent_at(start), &first);
  EXPECT_EQ(agent_at(last), &first);
  EXPECT_EQ(agent_at(next), &second);
}

TEST(Identity, IsFreshForWhoDoesNotKnowTheEnd) {
  AgentRecord first;
  AgentRecord second;
  VectorClock known;
  const Epoch start = take_identity(kOtherCreator, known, &first);
  const Epoch last{start.tid, start.clock + 5};
  return_identity(kOtherCreator, last);
  known.raise({last.tid, last.clock - 1});
  const Epoch next = take_identity(kOtherCreator, known, &second);
  EXPECT_NE(next.tid, start.tid);
  EXPECT_EQ(agent_at(next), &second);
}

}  // namespace
