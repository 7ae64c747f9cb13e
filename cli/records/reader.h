#pragma once
// Reads the record file that the program under test wrote.

#include <filesystem>
#include <istream>

#include "records/record.h"

namespace csp::cli {

/// Reads all complete records. A killed writer leaves an unfinished last line: it is left out and
/// RecordFile::truncated says so. Record types and keys that are not known are skipped, so that an older tool
/// reads a newer program's file.
RecordFile read_records(std::istream& in);

/// The same of a file. Throws Error when it cannot be opened, or holds nothing that is a record.
RecordFile read_record_file(const std::filesystem::path& path);

}  // namespace csp::cli
