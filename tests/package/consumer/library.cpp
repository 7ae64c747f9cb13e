#include "library.h"

static int visit_count;

void count_visit() { ++visit_count; }
int visits() { return visit_count; }
