/* api/openapi.yaml as JSON, for openapi.cc. */

    .section .rodata

    .globl relay_openapi_begin, relay_openapi_end
relay_openapi_begin:
    .incbin "openapi.json"
relay_openapi_end:

    .section .note.GNU-stack, "", %progbits
