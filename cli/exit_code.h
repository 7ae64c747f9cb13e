#pragma once
// What csp-race itself exits with. A program that was run and found clean keeps its own status.

namespace csp::cli {

enum ExitCode : int {
  kExitSuccess = 0,
  kExitFindings = 66,  // As the sanitizers; --exit-code changes it.
  kExitFailure = 125,  // csp-race failed or was misused. As env, timeout and docker.
  kExitCannotExecute = 126,
  kExitNotFound = 127,
  kExitSignalBase = 128,  // + the signal's number.
};

}  // namespace csp::cli
