// The reader takes what a dying process leaves: missing keys, unknown ones, and an unfinished last line.

#include "records/reader.h"

#include <gtest/gtest.h>

#include <sstream>

#include "error.h"

namespace csp::cli {
namespace {

RecordFile read(const std::string& text) {
  std::istringstream in(text);
  return read_records(in);
}

constexpr char kBegin[] = R"({"t":"begin","schema":"csp-race/record/1","pid":7,"exe":"/a","detector":true})"
                          "\n";

TEST(Reader, KeepsProcessAndModules) {
  const RecordFile file =
      read(std::string(kBegin) + R"({"t":"module","pid":7,"path":"/a","bias":"0x1000","low":"0x1000","high":"0x2000"})"
                                 "\n");
  ASSERT_EQ(file.processes.size(), 1u);
  EXPECT_TRUE(file.processes[0].detector);
  EXPECT_FALSE(file.processes[0].runtime);
  ASSERT_EQ(file.processes[0].modules.size(), 1u);
  EXPECT_EQ(file.processes[0].modules[0].bias, 0x1000u);
}

TEST(Reader, CountsBelongToTheirProcessAndNumber) {
  const RecordFile file = read(std::string(kBegin) + R"({"t":"finding","pid":7,"number":1,"rule":"csp-panic"}
{"t":"finding","pid":8,"number":1,"rule":"csp-panic"}
{"t":"count","pid":7,"number":1,"count":5}
)");
  ASSERT_EQ(file.findings.size(), 2u);
  EXPECT_EQ(file.findings[0].count, 5u);
  EXPECT_EQ(file.findings[1].count, 1u);
}

TEST(Reader, AnUnfinishedLastLineIsLeftOut) {
  const RecordFile file = read(std::string(kBegin) + R"({"t":"finding","pid":7,"rule":"csp-pa)");
  EXPECT_TRUE(file.truncated);
  EXPECT_TRUE(file.findings.empty());
  EXPECT_EQ(file.unreadable, 0u);
}

TEST(Reader, AWholeLastLineWithoutNewlineCounts) {
  const RecordFile file = read(R"({"t":"finding","pid":7,"rule":"csp-panic"})");
  EXPECT_FALSE(file.truncated);
  EXPECT_EQ(file.findings.size(), 1u);
}

TEST(Reader, SkipsWhatItDoesNotKnow) {
  const RecordFile file = read(std::string(kBegin) +
                               "{\"t\":\"weather\"}\n{\"t\":\"finding\",\"pid\":7,\"rule\":4,\"accesses\":\"none\"}\n");
  ASSERT_EQ(file.findings.size(), 1u);
  EXPECT_EQ(file.findings[0].rule, "");
  EXPECT_EQ(file.unreadable, 0u);
}

TEST(Reader, CountsDamagedLines) { EXPECT_EQ(read("junk\n" + std::string(kBegin) + "[1]\n").unreadable, 2u); }

TEST(Reader, ASecondBeginAddsToTheFirst) {
  const RecordFile file = read(std::string(kBegin) + R"({"t":"begin","pid":7,"exe":"/a","runtime":true})"
                                                     "\n");
  ASSERT_EQ(file.processes.size(), 1u);
  EXPECT_TRUE(file.processes[0].detector);
  EXPECT_TRUE(file.processes[0].runtime);
}

TEST(Reader, AFileThatIsNotThereIsAnError) { EXPECT_THROW(read_record_file("/no/such/file"), Error); }

}  // namespace
}  // namespace csp::cli
