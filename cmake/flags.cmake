# What every target is compiled with. Assertions stay on in every build: NDEBUG is never defined.
set(RELAY_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch -Werror
                   # A designated initialiser leaves out what may stay as it is.
                   -Wno-missing-field-initializers)
add_compile_definitions(_GLIBCXX_ASSERTIONS)

# g++ 12 makes the tail calls that coroutines need only when told to. See src/base/task_test.cc.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-foptimize-sibling-calls>)

if(RELAY_HARDENED)
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_compile_options(-fstack-protector-strong -fcf-protection -fPIE)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
