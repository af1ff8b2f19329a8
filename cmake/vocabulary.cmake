# The vocabularies that the tokenizer embeds, made from the npm package js-tiktoken, which the lock
# file of src/claude/vocabulary/ pins by its digest. They are the same in every build, so they are
# made once and shared by all build directories.
#
# Sets RELAY_NODE, RELAY_VOCABULARY_DIR (which keeps node_modules, for the tests) and adds the bytes
# to relay_claude.
set(RELAY_VOCABULARY_DIR ${PROJECT_SOURCE_DIR}/build/vocabulary
    CACHE PATH "Where the vocabularies are made and kept")
set(RELAY_CL100K_BASE ${RELAY_VOCABULARY_DIR}/cl100k_base.tokens)
set(RELAY_O200K_BASE ${RELAY_VOCABULARY_DIR}/o200k_base.tokens)
find_program(RELAY_NODE NAMES node nodejs REQUIRED)
find_program(RELAY_NPM npm REQUIRED)

function(relay_vocabulary_run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${RELAY_VOCABULARY_DIR} RESULT_VARIABLE failed
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "The vocabularies could not be made: ${ARGN}\n${output}")
  endif()
endfunction()

function(relay_make_vocabulary)
  set(recipe ${PROJECT_SOURCE_DIR}/src/claude/vocabulary)
  set(inputs ${recipe}/.npmrc ${recipe}/package.json ${recipe}/package-lock.json ${recipe}/pack.mjs)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})
  set(digests)
  foreach(input ${inputs})
    file(SHA256 ${input} digest)
    list(APPEND digests ${digest})
  endforeach()

  file(MAKE_DIRECTORY ${RELAY_VOCABULARY_DIR})
  file(LOCK ${RELAY_VOCABULARY_DIR} DIRECTORY GUARD FUNCTION TIMEOUT 300)
  set(stamp ${RELAY_VOCABULARY_DIR}/made_from)
  if(EXISTS ${stamp} AND EXISTS ${RELAY_CL100K_BASE} AND EXISTS ${RELAY_O200K_BASE})
    file(READ ${stamp} made_from)
    if(made_from STREQUAL "${digests}")
      return()
    endif()
  endif()

  message(STATUS "Making the vocabularies in ${RELAY_VOCABULARY_DIR}")
  file(REMOVE ${stamp})
  file(COPY ${inputs} DESTINATION ${RELAY_VOCABULARY_DIR})
  relay_vocabulary_run(${RELAY_NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline)
  relay_vocabulary_run(${RELAY_NODE} pack.mjs .)
  file(WRITE ${stamp} "${digests}")
endfunction()

relay_make_vocabulary()

enable_language(ASM)
target_sources(relay_claude PRIVATE tokenizer_vocabulary_bytes.S)
set_source_files_properties(
  tokenizer_vocabulary_bytes.S
  PROPERTIES COMPILE_OPTIONS -I${RELAY_VOCABULARY_DIR}
             OBJECT_DEPENDS "${RELAY_CL100K_BASE};${RELAY_O200K_BASE}")
