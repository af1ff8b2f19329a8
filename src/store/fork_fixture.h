#pragma once

// Defined where a test that starts threads in a forked child has to be skipped: TSan cannot do it.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RELAY_NO_THREADS_AFTER_FORK
#endif
#endif
