#include "town.h"
// The tailor meets the baker.
int meet(Town town) { return town.tailor + town.baker; }
