#pragma once
// What the families' files ask of initialize_interceptors().

namespace csp::race {

// A function in each file: to name them is what brings the files into the program.
void initialize_malloc();
void initialize_new();
void initialize_mem();
void initialize_string();
void initialize_thread();
void initialize_mutex();
void initialize_cond();
void initialize_barrier();
void initialize_once();
void initialize_semaphore();
void initialize_cxa();
void initialize_exception();
void initialize_mmap();
void initialize_jump();
void initialize_file();
void initialize_dl();
void initialize_fork();

}  // namespace csp::race
