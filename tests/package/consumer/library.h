#pragma once

void count_visit();
int visits();
