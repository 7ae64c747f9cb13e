// What a column means in a line: the columns are those that Clang and GCC put into debug information.

#include "source/source.h"

#include <gtest/gtest.h>

namespace csp::cli {
namespace {

// The marked text: `at` is where the compiler points.
std::string marked(std::string_view line, std::string_view at) {
  const std::optional<Extent> extent = expression_at(line, static_cast<unsigned>(line.find(at)) + 1);
  return extent ? std::string(line.substr(extent->begin, extent->size)) : "none";
}

std::string accessed(std::string_view line, std::string_view at) {
  return accessed_name(line, static_cast<unsigned>(line.find(at)) + 1);
}

std::string receiver(std::string_view line, std::string_view at) {
  return receiver_name(line, static_cast<unsigned>(line.find(at)) + 1);
}

TEST(ExpressionAt, CoversTheOperandOfAnIncrement) {
  EXPECT_EQ(marked("  ++hits;", "++"), "++hits");
  EXPECT_EQ(marked("  hits++;", "++"), "hits++");
  EXPECT_EQ(marked("  ++stats.hits[i];", "++"), "++stats.hits[i]");
  EXPECT_EQ(marked("  if (again) ++hits;", "++"), "++hits");
}

TEST(ExpressionAt, CoversTheLeftSideOfAnAssignment) {
  EXPECT_EQ(marked("  total = 1;", "="), "total =");
  EXPECT_EQ(marked("  a->b += 2;", "+="), "a->b +=");
}

TEST(ExpressionAt, CoversANameThatIsRead) {
  EXPECT_EQ(marked("  return hits;", "hits"), "hits");
  EXPECT_EQ(marked("  use(s.hits);", "hits"), "hits");
  EXPECT_EQ(marked("  done.send(1);", "send"), "send");
}

TEST(ExpressionAt, IsOneByteWhereNothingIsKnown) { EXPECT_EQ(marked("  {}", "{"), "{"); }

TEST(ExpressionAt, IsNothingOutsideOfTheLine) {
  EXPECT_FALSE(expression_at("short", 0));
  EXPECT_FALSE(expression_at("short", 9));
  EXPECT_FALSE(expression_at("", 1));
}

TEST(AccessedName, IsTheLastNameOfTheOperand) {
  EXPECT_EQ(accessed("  ++hits;", "++"), "hits");
  EXPECT_EQ(accessed("  ++stats.hits;", "++"), "hits");
  EXPECT_EQ(accessed("  counts[word] += 1;", "+="), "counts");
  EXPECT_EQ(accessed("  return total;", "total"), "total");
}

TEST(AccessedName, IsUnclearForACallOrAKeyword) {
  EXPECT_EQ(accessed("  f(x);", "f"), "");
  EXPECT_EQ(accessed("  return;", "return"), "");
  EXPECT_EQ(accessed("  }", "}"), "");
}

TEST(ReceiverName, IsWhatTheCallIsMadeOn) {
  EXPECT_EQ(receiver("  jobs.recv();", "recv"), "jobs");
  EXPECT_EQ(receiver("  jobs.recv();", "jobs"), "jobs");
  EXPECT_EQ(receiver("  this->pool->mu.lock();", "lock"), "mu");
}

TEST(ReceiverName, IsTheArgumentOfAGuard) {
  EXPECT_EQ(receiver("  std::lock_guard guard(mu);", "guard("), "mu");
  EXPECT_EQ(receiver("  std::lock_guard guard{s.mu};", "guard{"), "mu");
}

TEST(MentionsName, WantsAWholeWord) {
  EXPECT_TRUE(mentions_name("for (i = 1;", "i"));
  EXPECT_FALSE(mentions_name("int hits;", "hit"));
  EXPECT_FALSE(mentions_name("the_i", "i"));
  EXPECT_TRUE(mentions_name("ii i", "i"));
}

TEST(SourceCache, MissingFileOrLineIsNone) {
  SourceCache sources;
  EXPECT_FALSE(sources.line({"no/such/file.cpp", "/no/such/file.cpp", 3, 1}));
  EXPECT_FALSE(sources.line({}));
}

}  // namespace
}  // namespace csp::cli
