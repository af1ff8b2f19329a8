/* The vocabularies as vocabulary/pack.mjs makes them, for tokenizer_vocabulary.cc. */

    .section .rodata

    .balign 4
    .globl relay_cl100k_base
relay_cl100k_base:
    .incbin "cl100k_base.tokens"

    .balign 4
    .globl relay_o200k_base
relay_o200k_base:
    .incbin "o200k_base.tokens"

    .section .note.GNU-stack, "", %progbits
