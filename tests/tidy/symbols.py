#!/usr/bin/env python3
"""What the libraries that run below instrumented code take from outside. A function that a program could
define or instrument itself (memcpy, operator new, a standard library template) must not be among it.

usage: symbols.py NM ARCHIVE...     the archives are looked at as one link
"""
import re
import subprocess
import sys

# System calls and facts of the process; the unwinder; the dynamic linker; what interceptors forward to.
ALLOWED = re.compile(
    r"^(_Unwind_\w+|dl_iterate_phdr|_dl_\w+|dlsym|dlvsym|dladdr|dlerror|__errno_location|getenv|fflush|__cxa_atexit|"
    r"__dso_handle|__tls_get_addr|_GLOBAL_OFFSET_TABLE_|__libc_\w+|pthread_(getattr_np|attr_\w+|key_create|setspecific|"
    r"getspecific|self|atfork)|__register_atfork|__environ|environ|program_invocation_name|__stack_chk_fail|"
    r"sigaction|sigaltstack|syscall|mmap|munmap|madvise|_exit|_?_cxa_throw|__cxa_allocate_exception|__gxx_personality_v0|"
    r"_ZT[ISV]\w*|_ZNSt9bad_alloc\w*|_ZNSt9exception\w*|_ZSt15get_new_handlerv|_ZSt7nothrow|abort|sysconf|gnu_get_libc_version|"
    r"__sanitizer_\w+|__start_\w+|__stop_\w+|_end|_edata|__bss_start|__ehdr_start|_r_debug|_DYNAMIC|__cxa_begin_catch|__cxa_end_catch|_ZSt9terminatev|__cxa_rethrow)$")


def main():
    nm, *archives = sys.argv[1:]
    defined, wanted = set(), {}
    for archive in archives:
        listing = subprocess.run([nm, "-A", archive], capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            match = re.match(r"(.*):\s*[0-9a-f]*\s+([A-Za-z])\s+(\S+)$", line)
            if not match:
                continue
            where, kind, symbol = match.groups()
            if kind in "Uwv":
                if kind == "U":
                    wanted.setdefault(symbol, where)
            else:
                defined.add(symbol)
    bad = sorted(symbol for symbol in wanted if symbol not in defined and not ALLOWED.match(symbol))
    for symbol in bad:
        print(f"{wanted[symbol]}: takes {symbol} from outside, which a program could define or instrument itself")
    print(f"{len(wanted)} symbols wanted, {len(bad)} of them not allowed")
    sys.exit(1 if bad else 0)


main()
