#pragma once
// Everything public but <csp/asio.h>, <csp/gtest.h> and <csp/debug.h>.

#include <csp/chan.h>
#include <csp/checked_map.h>
#include <csp/context.h>
#include <csp/err_group.h>
#include <csp/go.h>
#include <csp/leak.h>
#include <csp/panic.h>
#include <csp/race.h>
#include <csp/select.h>
#include <csp/sync.h>
#include <csp/time.h>
